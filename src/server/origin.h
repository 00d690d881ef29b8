/*
 * origin: where does a request of a browser come from? Judges the header Origin (RFC 6454, section
 * 7) against the origins that the operator names, or against the Host of the request. Pure; any
 * thread.
 */
#ifndef STREAMSPACE_SERVER_ORIGIN_H
#define STREAMSPACE_SERVER_ORIGIN_H

#include <stdbool.h>

#include "common/error.h"

typedef enum origin_kind
{
	ORIGIN_NONE,     /* the request names none */
	ORIGIN_FOREIGN,  /* another one, `null`, or malformed */
	ORIGIN_PLAIN,    /* ours, by http and not on this machine: no place for a cookie */
	ORIGIN_LOOPBACK, /* ours, by http from the browser's own machine */
	ORIGIN_SECURE,   /* ours, by https */
} origin_kind;

/*
 * origins: `https://desk.example, http://localhost:8080`, by commas or blanks. NULL and "" stand
 * for the host and port of the header Host, whatever the scheme: behind a proxy that ends TLS the
 * server does not know it. A port that a scheme has by default may be left out on either side.
 */
origin_kind origin_judge(const char *origins, const char *origin, const char *host);

/* Is it one of ours, by whatever scheme? For WebSockets. */
bool origin_fits(const char *origins, const char *origin, const char *host);

/* Is that Host a name of the machine itself: localhost, 127.x.y.z, [::1]? */
bool origin_host_is_loopback(const char *host);

/* Of the option; codes: invalid_option. */
int origin_check_list(const char *origins, ss_error *err) SS_MUST_CHECK;

#endif
