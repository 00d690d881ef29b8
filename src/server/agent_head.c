/*
 * agent_head: who is the agent that asks for a WebSocket. Pure; any thread.
 */
#include "server/agent_head.h"

#include <ctype.h>

#include "common/crypto.h"

static int hash_key(socket_text key, char ret[SS_HEX_SIZE], ss_error *err)
{
	if (key.len != SS_HEX_SIZE - 1)
		return ss_fail(err, "unauthorized", "header X-Agent-API-Key must hold 64 hex digits");
	for (size_t i = 0; i < key.len; i++)
		if (!isxdigit((unsigned char)key.at[i]))
			return ss_fail(err, "unauthorized", "header X-Agent-API-Key must hold 64 hex digits");
	return ss_sha256_hex(key.at, key.len, ret, err);
}

int agent_head_identify(const socket_head *head, char ret_agent[AGENT_ID_SIZE],
	char ret_key_hash[SS_HEX_SIZE], ss_error *err)
{
	int rc = socket_head_query(head, "agent_id", ret_agent, AGENT_ID_SIZE, err);

	if (rc > 0)
		return ss_fail(err, "missing_field", "agent_id is missing in the query");
	if (rc < 0)
		return -1;
	return hash_key(head->field[SOCKET_FIELD_AGENT_KEY], ret_key_hash, err);
}

int agent_head_parse(const char *head, size_t len, agent_head *ret, ss_error *err)
{
	socket_head parsed;
	agent_head found = {0};

	if (socket_head_parse(head, len, "websocket", &parsed, err) ||
		socket_head_query(&parsed, "instance_id", found.instance, sizeof(found.instance), err) <
			0 ||
		agent_head_identify(&parsed, found.agent, found.key_hash, err))
		return -1;
	if (parsed.field[SOCKET_FIELD_PROTOCOL].at)
		return ss_fail(err, "invalid_argument", "agents speak without a subprotocol");
	*ret = found;
	return 0;
}
