/*
 * agent_head: parses the request head of an agent's WebSocket. Pure; any thread.
 */
#include "server/agent_head.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "common/crypto.h"

typedef struct text
{
	const char *at;
	size_t len;
} text;

/* The headers that matter here; each may stand once. */
typedef enum head_field
{
	HEAD_KEY,
	HEAD_UPGRADE,
	HEAD_CONNECTION,
	HEAD_WS_KEY,
	HEAD_WS_VERSION,
	HEAD_WS_PROTOCOL,
	HEAD_LENGTH,
	HEAD_ENCODING,
	HEAD_FIELDS,
} head_field;

static const char *const field_name[HEAD_FIELDS] = {
	[HEAD_KEY] = "X-Agent-API-Key",
	[HEAD_UPGRADE] = "Upgrade",
	[HEAD_CONNECTION] = "Connection",
	[HEAD_WS_KEY] = "Sec-WebSocket-Key",
	[HEAD_WS_VERSION] = "Sec-WebSocket-Version",
	[HEAD_WS_PROTOCOL] = "Sec-WebSocket-Protocol",
	[HEAD_LENGTH] = "Content-Length",
	[HEAD_ENCODING] = "Transfer-Encoding",
};

static bool text_is(text t, const char *word)
{
	return t.len == strlen(word) && strncasecmp(t.at, word, t.len) == 0;
}

/* Whether a comma-separated list holds the word. */
static bool text_lists(text t, const char *word)
{
	while (t.len > 0)
	{
		const char *comma = memchr(t.at, ',', t.len);
		text item = {t.at, comma ? (size_t)(comma - t.at) : t.len};

		t.at += item.len + (comma ? 1 : 0);
		t.len -= item.len + (comma ? 1 : 0);
		while (item.len > 0 && (*item.at == ' ' || *item.at == '\t'))
		{
			item.at++;
			item.len--;
		}
		while (item.len > 0 && (item.at[item.len - 1] == ' ' || item.at[item.len - 1] == '\t'))
			item.len--;
		if (text_is(item, word))
			return true;
	}
	return false;
}

/* Cuts the next line off; -1 when it does not end in CRLF or holds a control character. */
static int next_line(text *rest, text *ret_line)
{
	const char *end = memmem(rest->at, rest->len, "\r\n", 2);

	if (!end)
		return -1;
	*ret_line = (text){rest->at, (size_t)(end - rest->at)};
	for (size_t i = 0; i < ret_line->len; i++)
	{
		unsigned char c = (unsigned char)ret_line->at[i];

		if ((c < 32 && c != '\t') || c == 127)
			return -1;
	}
	rest->len -= ret_line->len + 2;
	rest->at = end + 2;
	return 0;
}

/* Percent-decodes a value of the query; visible ASCII only. */
static int decode_value(text value, char *ret, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < value.len; i++)
	{
		int c = (unsigned char)value.at[i];

		if (c == '%')
		{
			if (i + 2 >= value.len)
				return -1;
			int high = ss_hex_value(value.at[i + 1]), low = ss_hex_value(value.at[i + 2]);

			if (high < 0 || low < 0)
				return -1;
			c = high * 16 + low;
			i += 2;
		}
		if (c <= ' ' || c >= 127 || n + 1 >= size)
			return -1;
		ret[n++] = (char)c;
	}
	ret[n] = '\0';
	return n > 0 ? 0 : -1;
}

static int parse_query(text query, agent_head *head, ss_error *err)
{
	const struct
	{
		const char *name;
		char *value;
		size_t size;
	} known[] = {
		{"agent_id", head->agent, sizeof(head->agent)},
		{"instance_id", head->instance, sizeof(head->instance)},
	};

	while (query.len > 0)
	{
		const char *amp = memchr(query.at, '&', query.len);
		text pair = {query.at, amp ? (size_t)(amp - query.at) : query.len};
		const char *equals = memchr(pair.at, '=', pair.len);

		query.at += pair.len + (amp ? 1 : 0);
		query.len -= pair.len + (amp ? 1 : 0);
		if (!equals)
			continue;
		text name = {pair.at, (size_t)(equals - pair.at)};
		text value = {equals + 1, pair.len - name.len - 1};

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		{
			if (name.len != strlen(known[i].name) || memcmp(name.at, known[i].name, name.len) != 0)
				continue;
			if (known[i].value[0])
				return ss_fail(err, "invalid_argument", "%s stands twice", known[i].name);
			if (decode_value(value, known[i].value, known[i].size))
				return ss_fail(err, "invalid_argument", "%s must be 1 to %zu visible characters",
					known[i].name, known[i].size - 1);
		}
	}
	if (!head->agent[0])
		return ss_fail(err, "missing_field", "agent_id is missing in the query");
	return 0;
}

static int parse_request_line(text line, agent_head *head, ss_error *err)
{
	static const char tail[] = " HTTP/1.1";

	if (line.len < 4 || memcmp(line.at, "GET ", 4) != 0)
		return ss_fail(err, "method_not_allowed", "an agent connects with GET");
	if (line.len < 4 + sizeof(tail) ||
		memcmp(line.at + line.len - (sizeof(tail) - 1), tail, sizeof(tail) - 1) != 0)
		return ss_fail(err, "upgrade_required", "a WebSocket needs HTTP/1.1");

	text target = {line.at + 4, line.len - 4 - (sizeof(tail) - 1)};
	const char *question = memchr(target.at, '?', target.len);

	if (memchr(target.at, ' ', target.len) || memchr(target.at, '#', target.len))
		return ss_fail(err, "invalid_argument", "malformed request target");
	if (!question)
		return ss_fail(err, "missing_field", "agent_id is missing in the query");
	return parse_query(
		(text){question + 1, target.len - (size_t)(question + 1 - target.at)}, head, err);
}

static int parse_field(text line, text field[HEAD_FIELDS], ss_error *err)
{
	const char *colon = memchr(line.at, ':', line.len);

	/* A name that ends in a blank, or none, is where parsers begin to differ (RFC 9112, 5.1). */
	if (!colon || colon == line.at || *line.at == ' ' || *line.at == '\t' || colon[-1] == ' ' ||
		colon[-1] == '\t')
		return ss_fail(err, "invalid_argument", "malformed header line");

	text name = {line.at, (size_t)(colon - line.at)};
	text value = {colon + 1, line.len - name.len - 1};

	while (value.len > 0 && (*value.at == ' ' || *value.at == '\t'))
	{
		value.at++;
		value.len--;
	}
	while (value.len > 0 && (value.at[value.len - 1] == ' ' || value.at[value.len - 1] == '\t'))
		value.len--;
	for (int i = 0; i < HEAD_FIELDS; i++)
	{
		if (!text_is(name, field_name[i]))
			continue;
		if (field[i].at)
			return ss_fail(err, "invalid_argument", "header %s stands twice", field_name[i]);
		field[i] = value;
	}
	return 0;
}

/* RFC 6455, 4.2.1. */
static int check_handshake(const text field[HEAD_FIELDS], ss_error *err)
{
	if (field[HEAD_LENGTH].at || field[HEAD_ENCODING].at)
		return ss_fail(err, "invalid_argument", "the request for a WebSocket has no body");
	if (!text_lists(field[HEAD_UPGRADE], "websocket") ||
		!text_lists(field[HEAD_CONNECTION], "upgrade"))
		return ss_fail(err, "upgrade_required", "the agents' address speaks WebSocket only");
	if (!text_is(field[HEAD_WS_VERSION], "13"))
		return ss_fail(err, "upgrade_required", "WebSocket version 13 is needed");
	if (field[HEAD_WS_KEY].len != 24)
		return ss_fail(err, "invalid_argument", "Sec-WebSocket-Key must be 16 bytes in base64");
	if (field[HEAD_WS_PROTOCOL].at)
		return ss_fail(err, "invalid_argument", "agents speak without a subprotocol");
	return 0;
}

static int hash_key(text key, char ret[SS_HEX_SIZE], ss_error *err)
{
	if (key.len != SS_HEX_SIZE - 1)
		return ss_fail(err, "unauthorized", "header X-Agent-API-Key must hold 64 hex digits");
	for (size_t i = 0; i < key.len; i++)
		if (!isxdigit((unsigned char)key.at[i]))
			return ss_fail(err, "unauthorized", "header X-Agent-API-Key must hold 64 hex digits");
	return ss_sha256_hex(key.at, key.len, ret, err);
}

int agent_head_parse(const char *head, size_t len, agent_head *ret, ss_error *err)
{
	text rest = {head, len}, line, field[HEAD_FIELDS] = {0};
	agent_head parsed = {0};

	if (memchr(head, '\0', len) || next_line(&rest, &line))
		return ss_fail(err, "invalid_argument", "malformed request head");
	if (parse_request_line(line, &parsed, err))
		return -1;
	for (;;)
	{
		if (next_line(&rest, &line))
			return ss_fail(err, "invalid_argument", "malformed request head");
		if (line.len == 0)
			break;
		if (parse_field(line, field, err))
			return -1;
	}
	if (check_handshake(field, err) || hash_key(field[HEAD_KEY], parsed.key_hash, err))
		return -1;
	*ret = parsed;
	return 0;
}
