/* url: takes the control plane's address apart. Any thread. */
#include "agent/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct
{
	const char *scheme;
	bool tls;
} schemes[] = {
	{"http://", false},
	{"ws://", false},
	{"https://", true},
	{"wss://", true},
};

/* The text after the scheme; NULL for another scheme. */
static const char *parse_scheme(const char *text, agent_url *ret)
{
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
	{
		size_t len = strlen(schemes[i].scheme);
		if (strncmp(text, schemes[i].scheme, len) == 0)
		{
			ret->tls = schemes[i].tls;
			ret->port = ret->tls ? 443 : 80;
			return text + len;
		}
	}
	return NULL;
}

/* Copies the host; returns what follows it, NULL if it is none. */
static const char *parse_host(const char *at, agent_url *ret)
{
	static const char name_chars[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	bool bracket = *at == '[';
	size_t len = bracket ? strspn(++at, "0123456789abcdefABCDEF:.") : strspn(at, name_chars);

	if (len == 0 || len >= sizeof ret->host || (bracket && at[len] != ']'))
		return NULL;
	memcpy(ret->host, at, len);
	ret->host[len] = '\0';
	return at + len + (bracket ? 1 : 0);
}

static const char *parse_port(const char *at, agent_url *ret)
{
	char *end = NULL;

	if (*at != ':')
		return at;
	if (at[1] < '0' || at[1] > '9')
		return NULL;
	long port = strtol(at + 1, &end, 10);
	if (port < 1 || port > 65535)
		return NULL;
	ret->port = (int)port;
	return end;
}

int agent_url_parse(const char *text, agent_url *ret, ss_error *err)
{
	agent_url url = {0};

	const char *at = parse_scheme(text, &url);
	at = at != NULL ? parse_host(at, &url) : NULL;
	at = at != NULL ? parse_port(at, &url) : NULL;
	if (at == NULL || (*at != '\0' && *at != '/'))
		return ss_fail(err, "invalid_option",
			"control_plane_url is not http(s):// or ws(s)://host[:port][/prefix]");
	size_t len = strlen(at);
	while (len > 0 && at[len - 1] == '/')
		len--;
	if (len >= sizeof url.prefix)
		return ss_fail(err, "invalid_option", "control_plane_url: the path is too long");
	for (size_t i = 0; i < len; i++)
	{
		if (at[i] <= ' ' || at[i] > '~' || at[i] == '?' || at[i] == '#' || at[i] == '@')
			return ss_fail(err, "invalid_option",
				"control_plane_url: no query, fragment, blank or control character");
	}
	memcpy(url.prefix, at, len);
	*ret = url;
	return 0;
}

const char *agent_url_http(const agent_url *url, const char *path, char *buf, size_t size)
{
	bool v6 = strchr(url->host, ':') != NULL;
	int len = snprintf(buf, size, "%s://%s%s%s:%d%s%s", url->tls ? "https" : "http", v6 ? "[" : "",
		url->host, v6 ? "]" : "", url->port, url->prefix, path);

	return len > 0 && (size_t)len < size ? buf : NULL;
}
