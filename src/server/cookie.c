/* cookie: see cookie.h. */
#include "server/cookie.h"

#include <stdio.h>
#include <string.h>

#include "server/origin.h"

/* One of NAME=VALUE; NAME=VALUE, of which the browser writes no other form. */
typedef struct pair
{
	const char *name, *value;
	size_t name_len, value_len;
} pair;

static size_t trimmed(const char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return len;
}

/* What follows the pair; NULL: there was none. */
static const char *next_pair(const char *text, pair *ret)
{
	text += strspn(text, "; \t");
	if (*text == '\0')
		return NULL;
	size_t len = strcspn(text, ";");
	const char *equals = memchr(text, '=', len);
	ret->name = text;
	ret->name_len = trimmed(text, equals ? (size_t)(equals - text) : len);
	ret->value = equals ? equals + 1 + strspn(equals + 1, " \t") : text + len;
	ret->value_len = ret->value < text + len ? (size_t)(text + len - ret->value) : 0;
	ret->value_len = trimmed(ret->value, ret->value_len);
	return text + len;
}

/* As cookie_read(), of one name. */
static int find(const char *header, const char *name, char ret[SS_HEX_SIZE])
{
	int found = 0;
	pair p;
	while ((header = next_pair(header, &p)) != NULL)
	{
		if (p.name_len != strlen(name) || memcmp(p.name, name, p.name_len) != 0)
			continue;
		if (found || p.value_len != SS_HEX_SIZE - 1)
			return -1;
		memcpy(ret, p.value, p.value_len);
		ret[p.value_len] = '\0';
		if (!ss_hex_is_token(ret))
			return -1;
		found = 1;
	}
	return found;
}

int cookie_read(const char *header, const char *host, cookie_token *ret)
{
	if (header == NULL)
		return 0;
	ret->loopback = false;
	int found = find(header, COOKIE_NAME, ret->text);
	if (found != 0 || !origin_host_is_loopback(host))
		return found;
	ret->loopback = true;
	return find(header, COOKIE_NAME_LOOPBACK, ret->text);
}

void cookie_format(const char *token, bool loopback, char ret[COOKIE_LINE_SIZE])
{
	snprintf(ret, COOKIE_LINE_SIZE, "%s=%s; Path=/; %sHttpOnly; SameSite=Strict%s",
		loopback ? COOKIE_NAME_LOOPBACK : COOKIE_NAME, token ? token : "",
		loopback ? "" : "Secure; ", token ? "" : "; Max-Age=0");
}
