/*
 * cookie: the token of a log-in as a cookie, for the page. The name begins with __Host- wherever
 * the browser speaks https, so that no other host, and nothing on plain http, can plant one (RFC
 * 6265bis, section 4.1.3.2); http on the browser's own machine has a name without it. Pure; any
 * thread.
 */
#ifndef STREAMSPACE_SERVER_COOKIE_H
#define STREAMSPACE_SERVER_COOKIE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/crypto.h"

#define COOKIE_NAME "__Host-streamspace"
#define COOKIE_NAME_LOOPBACK "streamspace"
#define COOKIE_LINE_SIZE 192 /* as answer.set_cookie */

typedef struct cookie_token
{
	char text[SS_HEX_SIZE];
	bool loopback; /* it came by the name of loopback */
} cookie_token;

/*
 * Reads the header Cookie (NULL: none). The name of loopback counts only where host (the header
 * Host) is the machine itself. 1: *ret is set; 0: there is none; -1: it stands there twice or is no
 * token.
 */
int cookie_read(const char *header, const char *host, cookie_token *ret);

/* What Set-Cookie says; token NULL takes the cookie away. */
void cookie_format(const char *token, bool loopback, char ret[COOKIE_LINE_SIZE]);

#endif
