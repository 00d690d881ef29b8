/*
 * agent_json: the messages of agent and server, both ways. Input: a byte (odd: an agent of today,
 * even: one of 2.0), then messages, one a line: all to the server as those of one connection, and
 * each to the agent.
 *
 * What the server's message handlers call is answered here, so that what would go to the database
 * can be looked at.
 */
#include "tests/fuzz/fuzz.h"

#include "agent/wire.h"
#include "common/cleanup.h"
#include "common/envelope.h"
#include "common/json.h"
#include "server/agent_conn.h"
#include "server/agent_inventory.h"
#include "server/agent_message.h"
#include "server/dispatch_internal.h"
#include "server/writer.h"

#define FRAME_MAX 65536
#define INVENTORY_MAX 8192
#define INVENTORY_OBJECTS 20

void agent_conn_shut(agent_conn *conn, int code, const char *reason)
{
	FUZZ_CHECK(code == 1007 || code == 1008 || code == 1009 || code == 1013);
	FUZZ_CHECK(strlen(reason) < AGENT_REASON_SIZE);
	conn->closing = true;
}

static void check_text(const char *text, size_t len)
{
	auto_cjson cJSON *json = NULL;
	ss_error err = SS_ERROR_INIT;
	FUZZ_CHECK(ss_json_parse(text, len, 4 * FRAME_MAX, &json, NULL, 0, &err) == 0);
}

void agent_conn_send(agent_conn *conn, agent_frame *frame)
{
	(void)conn;
	FUZZ_CHECK(frame != NULL);
	check_text((const char *)frame->text, frame->len);
	agent_frame_free(frame);
}

/* The most bytes that a text of an item may have, by its name; 0: it is none. */
static size_t text_max(const char *name)
{
	static const struct
	{
		const char *name;
		size_t max;
	} texts[] = {{"commandId", 128}, {"sessionId", 128}, {"status", 64}, {"state", 64},
		{"phase", 64}, {"reason", 128}, {"message", 4000}, {"error", 4000}, {"endpoint", 4000}};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(texts[i].name, name) == 0)
			return texts[i].max;
	return 0;
}

/* One item must not be able to make a whole batch fail. */
void writer_put(dispatch *d, write_kind kind, agent_owner *owner, unsigned object, cJSON *body)
{
	auto_free char *text = ss_json_print(body);
	const cJSON *field;
	(void)d;
	(void)owner;
	(void)object;
	FUZZ_CHECK(kind < WRITE_KINDS && text != NULL);
	check_text(text, strlen(text));
	cJSON_ArrayForEach(field, body)
	{
		FUZZ_CHECK(!cJSON_IsString(field) || strlen(field->valuestring) <= text_max(field->string));
		FUZZ_CHECK(!cJSON_IsNumber(field) || ss_json_is_int(field, NULL));
	}
	cJSON_Delete(body);
}

void writer_put_text(dispatch *d, write_kind kind, agent_owner *owner, char *text)
{
	(void)d;
	(void)owner;
	FUZZ_CHECK(kind == WRITE_INVENTORY && text != NULL);
	auto_cjson cJSON *json = NULL;
	ss_error err = SS_ERROR_INIT;
	FUZZ_CHECK(strlen(text) <= INVENTORY_MAX + 2);
	FUZZ_CHECK(ss_json_parse(text, strlen(text), INVENTORY_MAX + 2, &json, NULL, 0, &err) == 0);
	FUZZ_CHECK(cJSON_IsArray(json) && cJSON_GetArraySize(json) <= INVENTORY_OBJECTS);
	free(text);
}

/* As the agent reads what the server sends. */
static void read_at_agent(const char *text, size_t len)
{
	ss_envelope message;
	ss_error err = SS_ERROR_INIT;
	wire_welcome welcome;
	wire_command *command = NULL;

	if (ss_envelope_parse(text, len, FRAME_MAX, &message, &err) != 0)
		return;
	FUZZ_CHECK(message.type != NULL && message.type[0] && strlen(message.type) <= 64);
	if (wire_parse_welcome(message.payload, &welcome, &err) == 0)
		FUZZ_CHECK(welcome.heartbeat_s >= 1 && welcome.heartbeat_s <= 300);
	if (message.timestamp != NULL)
		(void)wire_parse_time(message.timestamp);
	if (wire_parse_command(&message, 0, "installation", &command, &err) == 0)
	{
		FUZZ_CHECK(command->command.id[0] != '\0');
		wire_command_free(command);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static dispatch d;
	agent_owner owner = {.epoch = 1};
	agent_conn conn = {.d = &d, .owner = &owner};

	if (size == 0)
		return 0;
	owner.protocol = data[0] & 1 ? AGENT_PROTOCOL_V3 : 1;
	data++;
	size--;
	d.cfg.max_frame_bytes = FRAME_MAX;
	d.cfg.max_inventory_bytes = INVENTORY_MAX;
	d.cfg.max_inventory_objects = INVENTORY_OBJECTS;
	d.cfg.inventory_bytes = INVENTORY_MAX;
	while (size > 0)
	{
		const uint8_t *before = data;
		auto_free char *line = fuzz_line(&data, &size);
		size_t len = (size_t)(data - before);
		len -= len > 0 && data[-1] == '\n';
		if (!conn.closing)
			agent_message_handle(&conn, line, len);
		read_at_agent(line, len);
	}
	agent_inventory_drop(&conn);
	FUZZ_CHECK(d.inventory_used == 0);
	return 0;
}
