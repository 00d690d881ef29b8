/* url: the control plane's address, taken apart. Any thread. */
#ifndef AGENT_URL_H
#define AGENT_URL_H

#include <stdbool.h>

#include "common/error.h"

typedef struct agent_url
{
	bool tls;         /* https, wss */
	char host[256];   /* name or address; an IPv6 address without its brackets */
	int port;         /* 1..65535; 80 or 443 when the text names none */
	char prefix[512]; /* path before /api; "" or /text, without a slash at its end */
} agent_url;

/*
 * http, https, ws or wss://host[:port][/prefix]. No user, query or fragment. Codes:
 * invalid_option.
 */
int agent_url_parse(const char *text, agent_url *ret, ss_error *err) SS_MUST_CHECK;

/* http(s)://host:port/prefix + path, in buf. Returns buf; NULL when it does not fit. */
const char *agent_url_http(const agent_url *url, const char *path, char *buf, size_t size);

#endif
