/*
 * request: the handler of libmicrohttpd. Runs in the HTTP threads and never blocks there.
 *
 * The library calls once with the head (an answer queued then closes the connection, so none is,
 * unless it is to be closed), then for every piece of the body, then without
 * data, and once more after a resume.
 */
#include "server/request.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/json.h"
#include "common/log.h"
#include "common/timeutil.h"
#include "server/batch.h"
#include "server/inflight.h"
#include "server/metrics.h"
#include "server/page.h"
#include "server/password.h"
#include "server/ui.h"
#include "server/work.h"

/* A body beyond max_body is read and forgotten up to this many times max_body, so that the
 * client sees the 413 instead of a reset. */
#define BODY_FORGET_FACTOR 8
#define BODY_FIRST_CAPACITY ((size_t)2048)

/* Start of the process and a number: unique in the logs of a server and its earlier runs. */
static void make_id(char id[REQUEST_ID_SIZE])
{
	static atomic_ullong counter;
	static atomic_ullong base;
	unsigned long long none = 0;
	(void)atomic_compare_exchange_strong(&base, &none, (unsigned long long)ss_time_wall_ms());
	snprintf(id, REQUEST_ID_SIZE, "%011llx-%08llx", atomic_load(&base) & 0xfffffffffffULL,
		atomic_fetch_add(&counter, 1) & 0xffffffffULL);
}

static client_address peer_address(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	return client_address_of(info ? info->client_addr : NULL);
}

static rest_request *request_new(
	server *s, struct MHD_Connection *connection, httpd_conn *conn, const char *method)
{
	rest_request *r = calloc(1, sizeof *r);
	if (r == NULL)
		return NULL;
	r->server = s;
	r->connection = connection;
	r->conn = conn;
	r->started_ms = ss_time_monotonic_ms();
	snprintf(r->method, sizeof r->method, "%s", method);
	atomic_init(&r->references, 1);
	make_id(r->id);
	r->address = peer_address(connection);
	client_address_format(&r->address, r->peer);
	atomic_fetch_add(&s->requests, 1);
	atomic_store(&s->last_request, r->started_ms);
	return r;
}

/* Passwords and tokens stand in the strings of the body. */
static void wipe_strings(cJSON *json)
{
	for (cJSON *item = json ? json->child : NULL; item != NULL; item = item->next)
		if (cJSON_IsString(item) && item->valuestring != NULL)
			ss_crypto_wipe(item->valuestring, strlen(item->valuestring));
}

static void free_body(rest_request *r)
{
	if (r->body == NULL)
		return;
	ss_crypto_wipe(r->body, r->body_len);
	free(r->body);
	atomic_fetch_sub(&r->server->body_memory, (long long)r->body_capacity);
	r->body = NULL;
	r->body_len = r->body_capacity = 0;
}

void request_unref(rest_request *r)
{
	if (atomic_fetch_sub(&r->references, 1) != 1)
		return;
	free_body(r);
	wipe_strings(r->json);
	cJSON_Delete(r->json);
	for (size_t i = 0; i < ROUTE_MAX_CAPTURES; i++)
		free(r->captures[i]);
	free(r->if_none_match);
	for (size_t i = 0; i < ROUTE_MAX_QUERY; i++)
		free(r->query[i]);
	answer_done(&r->answer);
	answer_done(&r->out);
	event_sse_free(r->sse);
	free(r->last_event);
	ss_crypto_wipe(r->secret, sizeof r->secret);
	password_release(r);
	free(r);
}

/* Makes room for `more` bytes and a NUL. False: bounds or memory. */
static bool body_reserve(rest_request *r, size_t more)
{
	size_t need = r->body_len + more + 1;
	if (need <= r->body_capacity)
		return true;
	size_t capacity = r->body_capacity ? r->body_capacity : BODY_FIRST_CAPACITY;
	while (capacity < need)
		capacity *= 2;
	long long growth = (long long)(capacity - r->body_capacity);
	server *s = r->server;
	if (atomic_fetch_add(&s->body_memory, growth) + growth > s->config->body_memory)
	{
		atomic_fetch_sub(&s->body_memory, growth);
		return false;
	}
	char *body = malloc(capacity);
	if (body == NULL)
	{
		atomic_fetch_sub(&s->body_memory, growth);
		return false;
	}
	if (r->body_len)
		memcpy(body, r->body, r->body_len);
	if (r->body != NULL)
	{
		ss_crypto_wipe(r->body, r->body_len);
		free(r->body);
	}
	r->body = body;
	r->body_capacity = capacity;
	return true;
}

static void take_body(rest_request *r, const char *data, size_t size)
{
	size_t max = (size_t)r->server->config->max_body;
	r->body_seen += size;
	if (r->body_seen > max)
		r->too_large = true;
	if (r->body_seen > max * BODY_FORGET_FACTOR)
		r->cut = true;
	if (r->too_large || r->no_memory || r->refused)
	{
		free_body(r);
		return;
	}
	if (!body_reserve(r, size))
	{
		r->no_memory = true;
		free_body(r);
		return;
	}
	memcpy(r->body + r->body_len, data, size);
	r->body_len += size;
	r->body[r->body_len] = '\0';
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
	if (value[0])
		(void)MHD_add_response_header(response, name, value);
}

static void add_number(struct MHD_Response *response, const char *name, long long value)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", value);
	add_header(response, name, text);
}

/* What the API answers is shown nowhere and kept nowhere. */
static void add_api_headers(struct MHD_Response *response, const answer *a)
{
	add_header(response, "Cache-Control", "no-store");
	add_header(response, "Referrer-Policy", "no-referrer");
	add_header(response, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
	add_header(response, "Set-Cookie", a->set_cookie);
}

static void add_headers(struct MHD_Response *response, const rest_request *r, const answer *a)
{
	if (a->status != 304)
		add_header(response, "Content-Type", a->content_type ? a->content_type : ANSWER_JSON);
	add_header(response, "X-Content-Type-Options", "nosniff");
	add_header(response, "X-Frame-Options", "DENY");
	add_header(response, "Cross-Origin-Resource-Policy", "same-origin");
	if (a->page != NULL)
		page_add_headers(response, a);
	else
		add_api_headers(response, a);
	add_header(response, "X-Request-Id", r->id);
	add_header(response, "traceparent", r->trace);
	add_header(response, "Location", a->location);
	add_header(response, "Allow", a->allow);
	add_header(response, "ETag", a->etag);
	if (a->challenge)
		add_header(response, "WWW-Authenticate", "Bearer");
	if (a->status == 426)
		add_header(response, "Upgrade", "websocket");
	if (a->retry_after)
		add_number(response, "Retry-After", a->retry_after);
	if (r->limit.limit)
	{
		add_number(response, "RateLimit-Limit", r->limit.limit);
		add_number(response, "RateLimit-Remaining", r->limit.remaining);
		add_number(response, "RateLimit-Reset", r->limit.reset);
	}
	if (a->close || atomic_load(&r->server->draining))
		add_header(response, "Connection", "close");
}

/* No deadline: signs of life keep it up, and the hub ends it when nobody reads. */
static enum MHD_Result queue_events(rest_request *r)
{
	answer *a = &r->answer;
	event_subscriber *events = a->events;
	a->events = NULL;
	httpd_conn_deadline(r->conn, 0);
	r->sse = event_sse_new(events, r->connection, r->conn);
	struct MHD_Response *response = r->sse != NULL ? event_sse_response(r->sse) : NULL;
	if (response == NULL)
		return MHD_NO;
	add_headers(response, r, a);
	/* What a proxy collects arrives late. */
	add_header(response, "X-Accel-Buffering", "no");
	enum MHD_Result queued = MHD_queue_response(r->connection, (unsigned)a->status, response);
	MHD_destroy_response(response);
	return queued;
}

static enum MHD_Result queue_answer(rest_request *r)
{
	answer *a = &r->answer;
	if (a->events != NULL)
		return queue_events(r);
	bool page = a->page != NULL && a->status == 200;
	char *body = page ? a->page_body->data : a->body;
	a->body = NULL; /* the response's from here on */
	struct MHD_Response *response = MHD_create_response_from_buffer(
		body ? a->len : 0, body, body && !page ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
	if (response == NULL)
	{
		if (!page)
			free(body);
		return MHD_NO;
	}
	add_headers(response, r, a);
	httpd_conn_deadline(r->conn, r->server->config->send_timeout);
	enum MHD_Result queued = MHD_queue_response(r->connection, (unsigned)a->status, response);
	MHD_destroy_response(response);
	return queued;
}

static enum MHD_Result queue_problem(rest_request *r, const ss_error *err)
{
	answer_set_problem(&r->answer, err, r->id);
	return queue_answer(r);
}

static enum MHD_Result run_inline(rest_request *r)
{
	ss_error err = SS_ERROR_INIT;
	if (r->route->run(r, NULL, &err) != REST_DONE)
		return queue_problem(r, &err);
	answer_done(&r->answer);
	r->answer = r->out;
	r->out = (answer){0};
	return queue_answer(r);
}

/* The whole request is here. */
static enum MHD_Result submit(rest_request *r)
{
	ss_error err = SS_ERROR_INIT;
	server *s = r->server;

	if (r->refused)
		return queue_problem(r, &r->error);
	if (r->too_large)
	{
		r->answer.close = true;
		ss_fail(&err, "body_too_large", "The body is larger than %lld bytes.", s->config->max_body);
		return queue_problem(r, &err);
	}
	if (r->no_memory)
	{
		ss_fail(&err, "overloaded", "The bodies of all requests take too much memory just now.");
		return queue_problem(r, &err);
	}
	if (request_check_body(r, &err))
		return queue_problem(r, &err);
	if (!(r->route->flags & ROUTE_FREE_BODY))
		free_body(r);
	if (r->route->flags & ROUTE_INLINE)
		return run_inline(r);
	if (atomic_load(&s->draining))
	{
		ss_fail(&err, "shutting_down", "The server is stopping; nothing was changed.");
		return queue_problem(r, &err);
	}
	httpd_conn_deadline(r->conn, 0);
	r->step = r->route->run;
	if (inflight_enter(s->inflight, r, s->config->request_timeout * 1000))
	{
		ss_fail(&err, "shutting_down", "The server is stopping; nothing was changed.");
		return queue_problem(r, &err);
	}
	if (batch_fits(r))
		batch_submit(s->batcher, r);
	else
		work_submit(s->work, r);
	return MHD_YES;
}

/* A body announced as larger than what we read and forget is not waited for. */
static bool announces_too_much(const rest_request *r)
{
	const char *text =
		MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
	if (text == NULL || !isdigit((unsigned char)text[0]))
		return false;
	unsigned long long length = strtoull(text, NULL, 10);
	return length > (unsigned long long)r->server->config->max_body * BODY_FORGET_FACTOR;
}

static enum MHD_Result begin(
	server *s, struct MHD_Connection *connection, const char *url, const char *method, void **state)
{
	httpd_conn *conn = httpd_conn_of(connection);
	if (conn == NULL)
		return MHD_NO;
	rest_request *r = request_new(s, connection, conn, method);
	if (r == NULL)
		return MHD_NO;
	*state = r;
	httpd_conn_deadline(conn, s->config->read_timeout);
	r->refused = request_check_head(r, url, httpd_conn_listener(conn), &r->error) != 0;
	if (!r->answer.close && announces_too_much(r))
	{
		r->answer.close = true;
		ss_fail(&r->error, "body_too_large", "The body is larger than %lld bytes.",
			s->config->max_body);
	}
	/* An answer in the first call closes the connection: here that is what we want. */
	return r->answer.close ? queue_problem(r, &r->error) : MHD_YES;
}

enum MHD_Result request_handle(void *cls, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **state)
{
	(void)version;
	rest_request *r = *state;

	if (r == NULL)
		return begin(cls, connection, url, method, state);
	if (*size)
	{
		take_body(r, data, *size);
		*size = 0;
		return r->cut ? MHD_NO : MHD_YES;
	}
	if (r->answer.status)
		return queue_answer(r);
	return submit(r);
}

static void log_access(const rest_request *r, enum MHD_RequestTerminationCode why)
{
	if (!ss_log_is_enabled(SS_LOG_INFO) || (r->route && r->route->flags & ROUTE_INLINE))
		return;
	char trace[TRACE_ID_SIZE];
	ss_log(SS_LOG_INFO, "rest", "request", "id", r->id, "trace", trace_id(r->trace, trace), "peer",
		r->peer, "via", r->via[0] ? r->via : NULL, "method", r->method, "route",
		r->route ? r->route->name : NULL, "object", r->captures[0], "part", r->captures[1],
		"status", SS_NUM(r->answer.status), "code", r->answer.code[0] ? r->answer.code : NULL,
		"bytes", SS_NUM(r->answer.len), "ms", SS_NUM(ss_time_monotonic_ms() - r->started_ms), "end",
		why == MHD_REQUEST_TERMINATED_COMPLETED_OK ? "sent" : "lost", NULL);
}

void request_completed(
	void *cls, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
	(void)connection;
	server *s = cls;
	rest_request *r = *state;
	if (r == NULL)
		return;
	*state = NULL;
	if (r->sse != NULL)
		event_sse_leave(r->sse);
	long long now = ss_time_monotonic_ms();
	metrics_request(s->metrics, r->route, r->answer.status, now - r->started_ms);
	log_access(r, why);
	httpd_conn_deadline(r->conn, s->config->idle_timeout);
	request_unref(r);
	atomic_store(&s->last_request, now);
	atomic_fetch_sub(&s->requests, 1);
}
