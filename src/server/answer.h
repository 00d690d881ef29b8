/*
 * answer: what goes back for a request: status, body, the headers that vary, and problems
 * (RFC 9457). Plain data; one thread at a time.
 */
#ifndef STREAMSPACE_SERVER_ANSWER_H
#define STREAMSPACE_SERVER_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

#define ANSWER_JSON "application/json"
#define ANSWER_PROBLEM "application/problem+json"
#define ANSWER_EVENTS "text/event-stream"
#define ANSWER_TEXT "text/plain; version=0.0.4; charset=utf-8"

typedef struct answer
{
	int status; /* 0: none yet */
	char *body; /* malloc'd, owned; NULL: empty */
	size_t len;
	const char *content_type; /* static text */
	char location[192];       /* "" : none */
	char allow[64];           /* "" : none */
	char etag[80];            /* with its quotation marks; "" : none */
	char code[48];            /* of the problem, for the log; "" on success */
	int retry_after;          /* seconds; 0: none */
	bool challenge;           /* WWW-Authenticate: Bearer */
	char set_cookie[192];     /* of a log-in or log-out; "" : none */

	/* A file of the page instead of a body (page.h); owned by the server's ui. */
	const struct ui_file *page;
	const struct ui_body *page_body;

	struct event_subscriber *events; /* a stream instead of a body (event_sse.h); owned */
	bool close;                      /* the connection ends with this answer */
} answer;

/* Takes body (malloc'd, NUL-terminated) as JSON. */
void answer_set_json(answer *a, int status, char *body);

/*
 * A problem from an error: type, title, status, code, detail, hint, request_id, and the members
 * of the error's detail where that is a JSON object (pointer, parameter, ...). Of a failure of
 * our own (500) nothing but the request id is told: the caller logs the rest.
 */
void answer_set_problem(answer *a, const ss_error *err, const char *request_id);

/* Frees the body; *a is empty again. */
void answer_done(answer *a);

/*
 * Fills *err and says where: member is "pointer" (RFC 6901, into the body) or "parameter" (of
 * the query) or "header". Returns -1.
 */
int answer_refuse(ss_error *err, const char *code, const char *member, const char *place,
	const char *fmt, ...) SS_PRINTF(5, 6);

#endif
