/*
 * request: one HTTP request from its head to its answer.
 *
 * A request has two owners while it waits for its answer: the HTTP side (its thread of
 * libmicrohttpd) and the work side (one database or password thread at a time); the last one
 * frees it. The HTTP side owns conn, answer and the reading of the body; the work side owns
 * out, step, hash, secret and verified; all else is constant once it is submitted. Who of workers,
 * clock and drain answers is decided by inflight_claim() alone.
 */
#ifndef STREAMSPACE_SERVER_REQUEST_H
#define STREAMSPACE_SERVER_REQUEST_H

#include <cjson/cJSON.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "common/crypto.h"
#include "ecpg/db_conn.h"
#include "server/answer.h"
#include "server/event_sse.h"
#include "server/httpd.h"
#include "server/origin.h"
#include "server/route.h"
#include "server/server.h"
#include "server/trace.h"

#define REQUEST_ID_SIZE 24
#define REQUEST_KEY_MAX 200 /* bytes of an Idempotency-Key */
#define REQUEST_HASH_SIZE 256

typedef enum request_state
{
	REQUEST_READING,
	REQUEST_QUEUED,   /* suspended, nobody works on it */
	REQUEST_RUNNING,  /* suspended, a thread works on it */
	REQUEST_ANSWERED, /* claimed: answer is or will be set by the claimer */
} request_state;

struct rest_request
{
	server *server;
	atomic_int references;
	char id[REQUEST_ID_SIZE];
	long long started_ms;

	/* HTTP side */
	struct MHD_Connection *connection;
	httpd_conn *conn;
	answer answer;
	bool too_large; /* the body passed max_body: it is read and forgotten */
	bool no_memory; /* ... or passed what all bodies may take together */
	bool cut;       /* the body passed even what is read and forgotten: hang up */
	bool refused;   /* error is set before the body was looked at */
	ss_error error;
	char method[16];                /* for the log */
	client_address address;         /* of the client */
	char peer[CLIENT_ADDRESS_TEXT]; /* the same as text */
	char via[CLIENT_ADDRESS_TEXT];  /* the proxy that told it; "" : none */
	char trace[TRACE_SIZE];         /* traceparent, the client's or a new one */
	limiter_state limit;            /* the rate limit that is nearest */
	event_sse *sse;                 /* the stream that is the answer; NULL: none */
	char *body; /* kept after the check for ROUTE_FREE_BODY only, for the step to read */
	size_t body_len, body_capacity, body_seen;

	/* constant once submitted */
	const route *route;                 /* NULL: none found */
	char *captures[ROUTE_MAX_CAPTURES]; /* of the path, in its order */
	char *query[ROUTE_MAX_QUERY];       /* unescaped, in the order of route->query; NULL: absent */
	char actor[SS_HEX_SIZE];            /* hash of the token; "" : none */
	char key[REQUEST_KEY_MAX + 1];
	char content_type[64];
	char user_agent[200];       /* printable; "" : none */
	bool wants_events;          /* the answer is to be a stream */
	char *last_event;           /* Last-Event-ID of it; NULL: none */
	origin_kind origin;         /* of the header Origin */
	bool by_cookie;             /* the actor came as a cookie ... */
	bool cookie_loopback;       /* ... by the name that it has on loopback */
	const struct ui_file *page; /* what page_find() found; NULL: none */
	char *if_none_match;        /* well-formed; NULL: none, or no GET */
	db_call call;
	cJSON *json; /* the body; NULL without one */

	/* under the lock of inflight */
	request_state state;
	long long deadline_ms;
	rest_request *prev, *next;

	/* work side */
	answer out;
	rest_step *step;
	rest_next (*hash)(rest_request *request, ss_error *err); /* in the password pool */
	char secret[REQUEST_HASH_SIZE];                          /* a password hash between steps */
	bool password_place;                                     /* taken by password_reserve() */
	char verified[REQUEST_HASH_SIZE]; /* the one that a password was verified against */
};

/* Callbacks of libmicrohttpd; cls is a server. */
enum MHD_Result request_handle(void *cls, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **state);
void request_completed(void *cls, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode why);

/* Gives up one ownership. */
void request_unref(rest_request *request);

/* For steps: a field of the body, NULL when absent or null. */
const char *request_field(const rest_request *request, const char *name);
/* Is the field there, null or not? Tells what is to be cleared from what is to be left alone. */
bool request_has(const rest_request *request, const char *name);
/* DB_INT_NULL when absent or null. */
int request_field_int(const rest_request *request, const char *name);
/* "true", "false", NULL when absent or null: as a text of db_begin(). */
const char *request_field_bool(const rest_request *request, const char *name);
/* Text of an object or array of the body, malloc'd; NULL when absent or null. */
char *request_field_json(const rest_request *request, const char *name);
/* A ROUTE_STRINGS as the literal of a text[], malloc'd; NULL when absent or null. */
char *request_field_array(const rest_request *request, const char *name);
/* The whole body as checked, malloc'd: a null stays a null, what is absent stays absent. */
char *request_body_json(const rest_request *request);
/* A parameter of the query; NULL, DB_INT_NULL, false when absent. */
const char *request_query(const rest_request *request, const char *name);
int request_query_int(const rest_request *request, const char *name);
bool request_query_bool(const rest_request *request, const char *name);

/* Sets route, query, actor, key from the head. 0, or -1 with *err: how to answer. */
int request_check_head(
	rest_request *request, const char *url, unsigned listener, ss_error *err) SS_MUST_CHECK;
/* Parses the body and compares it with the route's fields. */
int request_check_body(rest_request *request, ss_error *err) SS_MUST_CHECK;

#endif
