/* door_request: reads no more of HTTP than it needs; in doubt a connection is libmicrohttpd's. */
#include "server/door_request.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

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

static bool asks_to_upgrade(const char *head, size_t len, const char *word)
{
	static const char name[] = "Upgrade:";
	const char *line = memchr(head, '\n', len);
	while (line != NULL && ++line < head + len)
	{
		size_t rest = (size_t)(head + len - line);
		const char *end = memchr(line, '\n', rest);
		size_t line_len = end ? (size_t)(end - line) : rest;
		if (line_len > sizeof name - 1 && strncasecmp(line, name, sizeof name - 1) == 0 &&
			contains(line + sizeof name - 1, line_len - (sizeof name - 1), word))
			return true;
		line = end;
	}
	return false;
}

static bool is_token(char c)
{
	return c != '\0' && strchr("!#$%&'*+-.^_`|~0123456789"
							   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
							c) != NULL;
}

/*
 * METHOD TARGET HTTP/1.0 or HTTP/1.1 (RFC 9112, section 3)? An empty line may come first: the
 * library skips it. A NUL would end the target for the library, and what follows be lost.
 */
static door_class check_line(const char *line, size_t len)
{
	static const char version[] = "HTTP/";
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len == 0)
		return DOOR_HTTP;
	size_t method = 0;
	while (method < len && is_token(line[method]))
		method++;
	const char *last = memrchr(line, ' ', len);
	if (method == 0 || method == len || line[method] != ' ' || last == line + method)
		return DOOR_MALFORMED;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			return DOOR_MALFORMED;
	size_t rest = (size_t)(line + len - (last + 1));
	if (rest != 8 || memcmp(last + 1, version, 5) != 0)
		return DOOR_MALFORMED;
	bool known = memcmp(last + 6, "1.0", 3) == 0 || memcmp(last + 6, "1.1", 3) == 0;
	return known ? DOOR_HTTP : DOOR_VERSION;
}

door_class door_classify(
	const char *buf, size_t len, door_side side, size_t *ret_head_len, socket_class *ret_class)
{
	const char *newline = memchr(buf, '\n', len);
	if (len > 0 && !is_token(buf[0]) && buf[0] != '\r' && buf[0] != '\n')
		return DOOR_MALFORMED; /* the first byte of TLS, for one */
	if (newline == NULL)
		return len < DOOR_HEAD_MAX ? DOOR_MORE : DOOR_HTTP;
	door_class line = check_line(buf, (size_t)(newline - buf));
	if (line != DOOR_HTTP)
		return line;
	socket_class class = socket_class_find(buf, (size_t)(newline - buf), side);
	if (class == SOCKET_CLASSES)
		return DOOR_HTTP;
	size_t head = head_length(buf, len);
	if (head == 0)
		return len < DOOR_HEAD_MAX ? DOOR_MORE : DOOR_HTTP;
	if (!asks_to_upgrade(buf, head, socket_paths[class].upgrade))
		return DOOR_HTTP;
	*ret_head_len = head;
	*ret_class = class;
	return DOOR_SOCKET;
}
