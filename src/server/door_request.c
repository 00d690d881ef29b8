/* door_request: reads no more of HTTP than it needs; in doubt a connection is libmicrohttpd's. */
#include "server/door_request.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char agent_request[] = "GET /api/v1/agents/connect";

/* Bytes up to and with the empty line; 0: it is not there yet. */
static size_t head_length(const char *buf, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++)
	{
		if (buf[i] != '\n')
			continue;
		if (buf[i + 1] == '\n')
			return i + 2;
		if (i + 2 < len && buf[i + 1] == '\r' && buf[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

static bool contains(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= len; i++)
		if (strncasecmp(text + i, word, n) == 0)
			return true;
	return false;
}

static bool asks_for_websocket(const char *head, size_t len)
{
	static const char name[] = "Upgrade:";
	const char *line = memchr(head, '\n', len);
	while (line != NULL && ++line < head + len)
	{
		size_t rest = (size_t)(head + len - line);
		const char *end = memchr(line, '\n', rest);
		size_t line_len = end ? (size_t)(end - line) : rest;
		if (line_len > sizeof name - 1 && strncasecmp(line, name, sizeof name - 1) == 0 &&
			contains(line + sizeof name - 1, line_len - (sizeof name - 1), "websocket"))
			return true;
		line = end;
	}
	return false;
}

door_class door_classify(const char *buf, size_t len, size_t *ret_head_len)
{
	const size_t n = sizeof agent_request - 1;
	const char *newline = memchr(buf, '\n', len);
	if (newline == NULL)
		return len < DOOR_HEAD_MAX ? DOOR_MORE : DOOR_HTTP;
	if ((size_t)(newline - buf) <= n || memcmp(buf, agent_request, n) != 0 ||
		(buf[n] != ' ' && buf[n] != '?'))
		return DOOR_HTTP;
	size_t head = head_length(buf, len);
	if (head == 0)
		return len < DOOR_HEAD_MAX ? DOOR_MORE : DOOR_HTTP;
	if (!asks_for_websocket(buf, head))
		return DOOR_HTTP;
	*ret_head_len = head;
	return DOOR_AGENT;
}
