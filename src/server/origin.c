/* origin: see origin.h. */
#include "server/origin.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HOST_CHARACTERS "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._"
#define ADDRESS_CHARACTERS "0123456789abcdefABCDEF:."

/* A part of somebody's text. */
typedef struct place
{
	bool https;
	const char *host;
	size_t host_len;
	int port;
} place;

/* HOST, HOST:PORT, [x:y::z] or [x:y::z]:PORT; all of text. */
static bool read_host(const char *text, size_t len, int default_port, place *ret)
{
	size_t n = 0;
	if (len > 0 && text[0] == '[')
	{
		while (1 + n < len && strchr(ADDRESS_CHARACTERS, text[1 + n]) != NULL)
			n++;
		if (n == 0 || 1 + n >= len || text[1 + n] != ']')
			return false;
		n += 2;
	}
	else
		while (n < len && strchr(HOST_CHARACTERS, text[n]) != NULL)
			n++;
	if (n == 0)
		return false;
	ret->host = text;
	ret->host_len = n;
	ret->port = default_port;
	if (n == len)
		return true;
	if (text[n] != ':' || n + 1 == len || len - n > 6)
		return false;
	int port = 0;
	for (size_t i = n + 1; i < len; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return false;
		port = port * 10 + (text[i] - '0');
	}
	ret->port = port;
	return port > 0 && port <= 65535;
}

static bool read_origin(const char *text, size_t len, place *ret)
{
	static const char plain[] = "http://";
	static const char secure[] = "https://";
	size_t skip;
	if (memchr(text, '\0', len) != NULL)
		return false;
	if (len > sizeof plain - 1 && strncasecmp(text, plain, sizeof plain - 1) == 0)
		skip = sizeof plain - 1;
	else if (len > sizeof secure - 1 && strncasecmp(text, secure, sizeof secure - 1) == 0)
		skip = sizeof secure - 1;
	else
		return false;
	ret->https = skip == sizeof secure - 1;
	return read_host(text + skip, len - skip, ret->https ? 443 : 80, ret);
}

static bool same_host(const place *a, const place *b)
{
	return a->port == b->port && a->host_len == b->host_len &&
		   strncasecmp(a->host, b->host, a->host_len) == 0;
}

static bool is_loopback(const place *p)
{
	static const char local[] = "localhost";
	static const char v6[] = "[::1]";
	if (p->host_len == sizeof local - 1 && strncasecmp(p->host, local, p->host_len) == 0)
		return true;
	if (p->host_len == sizeof v6 - 1 && memcmp(p->host, v6, p->host_len) == 0)
		return true;
	if (p->host_len < 7 || p->host_len > 15 || strncmp(p->host, "127.", 4) != 0)
		return false;
	int dots = 0;
	for (size_t i = 0; i < p->host_len; i++)
	{
		if (p->host[i] == '.')
			dots++;
		else if (p->host[i] < '0' || p->host[i] > '9')
			return false;
	}
	return dots == 3;
}

/* The next word of a list; NULL at its end. */
static const char *next_word(const char *list, size_t *ret_len)
{
	static const char blank[] = ", \t";
	list += strspn(list, blank);
	*ret_len = strcspn(list, blank);
	return *ret_len ? list : NULL;
}

static bool is_listed(const char *origins, const place *p)
{
	size_t len;
	for (const char *word = origins; (word = next_word(word, &len)) != NULL; word += len)
	{
		place listed;
		if (read_origin(word, len, &listed) && listed.https == p->https && same_host(&listed, p))
			return true;
	}
	return false;
}

origin_kind origin_judge(const char *origins, const char *origin, const char *host)
{
	place p, own;
	size_t len;
	if (origin == NULL)
		return ORIGIN_NONE;
	if (!read_origin(origin, strlen(origin), &p))
		return ORIGIN_FOREIGN;
	bool ours = false;
	if (origins != NULL && next_word(origins, &len) != NULL)
		ours = is_listed(origins, &p);
	else if (host != NULL)
		ours = read_host(host, strlen(host), p.https ? 443 : 80, &own) && same_host(&own, &p);
	if (!ours)
		return ORIGIN_FOREIGN;
	return p.https ? ORIGIN_SECURE : is_loopback(&p) ? ORIGIN_LOOPBACK : ORIGIN_PLAIN;
}

bool origin_fits(const char *origins, const char *origin, const char *host)
{
	return origin_judge(origins, origin, host) >= ORIGIN_PLAIN;
}

bool origin_host_is_loopback(const char *host)
{
	place p;
	return host != NULL && read_host(host, strlen(host), 80, &p) && is_loopback(&p);
}

int origin_check_list(const char *origins, ss_error *err)
{
	size_t len;
	for (const char *word = origins; word && (word = next_word(word, &len)) != NULL; word += len)
	{
		place p;
		if (!read_origin(word, len, &p))
			return ss_fail(err, "invalid_option",
				"%.*s is no origin: https://HOST, https://HOST:PORT or the same with http",
				(int)len, word);
	}
	return 0;
}
