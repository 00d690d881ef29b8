/* socket_head: parses the request head of a WebSocket. Pure; any thread. */
#include "server/socket_head.h"

#include <string.h>
#include <strings.h>

#include "common/crypto.h"

static const char *const field_name[SOCKET_FIELDS] = {
	[SOCKET_FIELD_HOST] = "Host",
	[SOCKET_FIELD_ORIGIN] = "Origin",
	[SOCKET_FIELD_COOKIE] = "Cookie",
	[SOCKET_FIELD_AUTHORIZATION] = "Authorization",
	[SOCKET_FIELD_AGENT_KEY] = "X-Agent-API-Key",
	[SOCKET_FIELD_RELAY_TICKET] = "X-StreamSpace-Relay-Ticket",
	[SOCKET_FIELD_FORWARDED_FOR] = "X-Forwarded-For",
	[SOCKET_FIELD_UPGRADE] = "Upgrade",
	[SOCKET_FIELD_CONNECTION] = "Connection",
	[SOCKET_FIELD_KEY] = "Sec-WebSocket-Key",
	[SOCKET_FIELD_VERSION] = "Sec-WebSocket-Version",
	[SOCKET_FIELD_PROTOCOL] = "Sec-WebSocket-Protocol",
	[SOCKET_FIELD_LENGTH] = "Content-Length",
	[SOCKET_FIELD_ENCODING] = "Transfer-Encoding",
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static socket_text trim(socket_text t)
{
	while (t.len > 0 && is_blank(*t.at))
	{
		t.at++;
		t.len--;
	}
	while (t.len > 0 && is_blank(t.at[t.len - 1]))
		t.len--;
	return t;
}

static bool text_is(socket_text t, const char *word)
{
	return t.len == strlen(word) && strncasecmp(t.at, word, t.len) == 0;
}

/* Cuts what stands before the next `separator` off, and the separator. */
static socket_text cut(socket_text *rest, char separator)
{
	const char *end = memchr(rest->at, separator, rest->len);
	socket_text part = {rest->at, end ? (size_t)(end - rest->at) : rest->len};

	rest->at += part.len + (end ? 1 : 0);
	rest->len -= part.len + (end ? 1 : 0);
	return part;
}

bool socket_head_lists(const socket_head *head, socket_field field, const char *word)
{
	socket_text rest = head->field[field];

	while (rest.len > 0)
		if (text_is(trim(cut(&rest, ',')), word))
			return true;
	return false;
}

/* Cuts the next line off; -1 when it does not end in CRLF or holds a control character. */
static int next_line(socket_text *rest, socket_text *ret_line)
{
	const char *end = memmem(rest->at, rest->len, "\r\n", 2);

	if (!end)
		return -1;
	*ret_line = (socket_text){rest->at, (size_t)(end - rest->at)};
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

static int decode_value(socket_text value, char *ret, size_t size)
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

int socket_head_query(
	const socket_head *head, const char *name, char *ret, size_t size, ss_error *err)
{
	socket_text rest = head->query;
	bool found = false;

	while (rest.len > 0)
	{
		socket_text value = cut(&rest, '&');
		const char *equals = memchr(value.at, '=', value.len);

		if (!equals || (size_t)(equals - value.at) != strlen(name) ||
			memcmp(value.at, name, strlen(name)) != 0)
			continue;
		(void)cut(&value, '=');
		if (found)
			return ss_fail(err, "invalid_argument", "%s stands twice", name);
		if (decode_value(value, ret, size))
			return ss_fail(
				err, "invalid_argument", "%s must be 1 to %zu visible characters", name, size - 1);
		found = true;
	}
	return found ? 0 : 1;
}

int socket_head_copy(const socket_head *head, socket_field field, char *ret, size_t size)
{
	socket_text t = head->field[field];

	if (!t.at)
		return 1;
	if (t.len >= size)
		return -1;
	memcpy(ret, t.at, t.len);
	ret[t.len] = '\0';
	return 0;
}

static int parse_request_line(socket_text line, socket_head *head, ss_error *err)
{
	static const char tail[] = " HTTP/1.1";

	if (line.len < 4 || memcmp(line.at, "GET ", 4) != 0)
		return ss_fail(err, "method_not_allowed", "a WebSocket is asked for with GET");
	if (line.len < 4 + sizeof(tail) ||
		memcmp(line.at + line.len - (sizeof(tail) - 1), tail, sizeof(tail) - 1) != 0)
		return ss_fail(err, "upgrade_required", "a WebSocket needs HTTP/1.1");

	socket_text target = {line.at + 4, line.len - 4 - (sizeof(tail) - 1)};

	if (memchr(target.at, ' ', target.len) || memchr(target.at, '#', target.len))
		return ss_fail(err, "invalid_argument", "malformed request target");
	bool has_query = memchr(target.at, '?', target.len) != NULL;

	head->path = cut(&target, '?');
	if (has_query)
		head->query = target;
	return 0;
}

static int parse_field(socket_text line, socket_head *head, ss_error *err)
{
	const char *colon = memchr(line.at, ':', line.len);

	/* A name that ends in a blank, or none, is where parsers begin to differ (RFC 9112, 5.1). */
	if (!colon || colon == line.at || is_blank(*line.at) || is_blank(colon[-1]))
		return ss_fail(err, "invalid_argument", "malformed header line");
	socket_text name = cut(&line, ':');

	for (int i = 0; i < SOCKET_FIELDS; i++)
	{
		if (!text_is(name, field_name[i]))
			continue;
		if (head->field[i].at && i != SOCKET_FIELD_FORWARDED_FOR)
			return ss_fail(err, "invalid_argument", "header %s stands twice", field_name[i]);
		head->field[i] = trim(line);
	}
	return 0;
}

/* RFC 6455, 4.2.1. */
static int check_handshake(const socket_head *head, const char *upgrade, ss_error *err)
{
	if (head->field[SOCKET_FIELD_LENGTH].at || head->field[SOCKET_FIELD_ENCODING].at)
		return ss_fail(err, "invalid_argument", "the request for a WebSocket has no body");
	if (!socket_head_lists(head, SOCKET_FIELD_UPGRADE, upgrade) ||
		!socket_head_lists(head, SOCKET_FIELD_CONNECTION, "upgrade"))
		return ss_fail(err, "upgrade_required", "this address speaks %s only", upgrade);
	if (strcmp(upgrade, "websocket") != 0)
		return 0;
	if (!text_is(head->field[SOCKET_FIELD_VERSION], "13"))
		return ss_fail(err, "upgrade_required", "WebSocket version 13 is needed");
	if (head->field[SOCKET_FIELD_KEY].len != 24)
		return ss_fail(err, "invalid_argument", "Sec-WebSocket-Key must be 16 bytes in base64");
	return 0;
}

int socket_head_parse(
	const char *text, size_t len, const char *upgrade, socket_head *ret, ss_error *err)
{
	socket_text rest = {text, len}, line;
	socket_head parsed = {0};

	if (memchr(text, '\0', len) || next_line(&rest, &line))
		return ss_fail(err, "invalid_argument", "malformed request head");
	if (parse_request_line(line, &parsed, err))
		return -1;
	for (;;)
	{
		if (next_line(&rest, &line))
			return ss_fail(err, "invalid_argument", "malformed request head");
		if (line.len == 0)
			break;
		if (parse_field(line, &parsed, err))
			return -1;
	}
	if (check_handshake(&parsed, upgrade, err))
		return -1;
	*ret = parsed;
	return 0;
}
