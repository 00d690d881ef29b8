/*
 * http: one HTTP request by libcurl, whole answer in memory, everything bounded.
 *
 * Blocks: never call it from an event loop. Any thread after ss_http_init().
 */
#ifndef SS_COMMON_HTTP_H
#define SS_COMMON_HTTP_H

#include "common/error.h"

typedef struct ss_http_request
{
	const char *method;         /* "GET", "POST", ... */
	const char *url;            /* http:// or https://; redirects are not followed */
	const char *const *headers; /* "Name: value" lines, NULL-terminated; or NULL */
	const char *body;           /* NULL: none */
	size_t body_len;
	const char *ca_file;     /* PEM bundle to trust instead of the system's; or NULL */
	long connect_timeout_ms; /* 0: 5,000 */
	long timeout_ms;         /* of the whole exchange; 0: 30,000 */
	size_t max_response;     /* bytes of body; 0: 1 MiB; more is an error */
} ss_http_request;

typedef struct ss_http_response
{
	long status;
	char *body; /* NUL-terminated, never NULL after success; ss_http_response_done() frees */
	size_t body_len;
	char content_type[128]; /* "" when absent */
	long retry_after_s;     /* Retry-After in seconds; 0 when absent or a date */
} ss_http_response;

/* Once, from the main thread, before other threads start. */
int ss_http_init(ss_error *err) SS_MUST_CHECK;

/*
 * 0 whatever the status of the answer; -1 when there was none: code "http_failed" (name,
 * connection, TLS, time-out) or "http_response_too_large". Secrets in headers are not put
 * into *err.
 */
int ss_http_perform(
	const ss_http_request *request, ss_http_response *ret, ss_error *err) SS_MUST_CHECK;

void ss_http_response_done(ss_http_response *response);

#endif
