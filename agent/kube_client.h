/*
 * kube_client: requests to one API server, over a pool of kept-alive connections.
 *
 * Every request of ours may be repeated: names are given by us, deletes carry a uid, applies carry
 * the full intent. Therefore answers 429 and 5xx (after Retry-After) and broken connections are
 * tried again, with full-jitter back-off, until the request's deadline or until the agent stops.
 * A 401 reads the token again and is tried once more; a 403 is tried for 10 s, because a server
 * that has just started does not know its roles yet. Any thread; calls block.
 */
#ifndef AGENT_KUBE_CLIENT_H
#define AGENT_KUBE_CLIENT_H

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "agent/kube_config.h"
#include "common/error.h"

#define KUBE_CONNECT_MS 5000
#define KUBE_REQUEST_MS 30000
#define KUBE_SILENCE_MS 150000
#define KUBE_BACKOFF_MS 800
#define KUBE_BACKOFF_MAX_MS 30000

typedef struct kube_client kube_client;

typedef struct kube_client_options
{
	long long rate;              /* requests a second */
	long long burst;             /* requests at once after a pause */
	size_t max_answer;           /* bytes of one answer */
	size_t max_frame;            /* bytes of one watch event */
	long long silence_ms;        /* a watch that brings nothing for so long is dead */
	long long patience_ms;       /* deadline of requests that name none */
	bool (*stopping)(void *ctx); /* may be NULL */
	void *ctx;
} kube_client_options;

#define KUBE_CLIENT_DEFAULTS \
	{ \
		.rate = 20, .burst = 50, .max_answer = (size_t)32 << 20, .max_frame = (size_t)8 << 20, \
		.silence_ms = KUBE_SILENCE_MS, .patience_ms = 60000 \
	}

typedef struct kube_request
{
	const char *method;
	const char *path; /* encoded, begins with a slash, query included */
	const char *content_type;
	const char *body;      /* NULL: none */
	long long deadline_ms; /* CLOCK_MONOTONIC; 0: options' patience from now */
} kube_request;

typedef struct kube_response
{
	long status;
	cJSON *body; /* NULL when the answer had none; kube_response_done() */
} kube_response;

/* Takes over *config (emptied). Codes: kube_tls, kube_file_unreadable. */
int kube_client_open(kube_config *config, const kube_client_options *options, kube_client **ret,
	ss_error *err) SS_MUST_CHECK;

/* After every call has returned. NULL is allowed. */
void kube_client_close(kube_client *client);

const kube_client_options *kube_client_get_options(const kube_client *client);

bool kube_client_is_stopping(const kube_client *client);

/*
 * By how much the API server's clock is ahead of ours, in milliseconds: the least that any answer
 * said. False: none did yet.
 */
bool kube_client_clock(kube_client *client, long long *ret_offset_ms);

/* Sleeps, but ends early (-1) once the agent stops. */
int kube_client_pause(const kube_client *client, long long ms);

/*
 * 0 whatever the status of the (last) answer. -1: there was none (kube_unreachable), it was no
 * JSON or too long (kube_answer_invalid), or the agent stops (stopping).
 */
int kube_client_request(kube_client *client, const kube_request *request, kube_response *ret,
	ss_error *err) SS_MUST_CHECK;
void kube_response_done(kube_response *response);

/*
 * Fills *err from an answer that is not the hoped-for one; code by the Status object's reason:
 * kube_not_found, kube_already_exists, kube_conflict, kube_forbidden, kube_invalid,
 * kube_unauthorized, kube_busy, kube_gone, kube_error. Returns -1.
 */
int kube_client_fail(const kube_response *response, ss_error *err, const char *fmt, ...)
	SS_PRINTF(3, 4);

/* A connection of its own for a watch; NULL before the first use, kept between uses. */
typedef struct kube_stream
{
	CURL *curl;
	unsigned generation;
	/* Bytes of a 200 answer; -1 ends the stream. */
	int (*data)(void *ctx, const char *bytes, size_t len);
	bool (*stop)(void *ctx);
	void *ctx;
	/* Outputs of kube_client_stream(). */
	long status;
	cJSON *error; /* the Status object of an answer that is not 200; the caller's */
	long long retry_after_ms;
} kube_stream;

/*
 * One GET over HTTP/1.1, until the server ends it (0), it breaks, falls silent, or data() or
 * stop() ends it (-1). One attempt, no retry.
 */
int kube_client_stream(
	kube_client *client, kube_stream *stream, const char *path, ss_error *err) SS_MUST_CHECK;
void kube_stream_done(kube_stream *stream);

/* Milliseconds named by Retry-After or by details.retryAfterSeconds; 0: none. At most 60 s. */
long long kube_retry_after_ms(CURL *curl, const cJSON *status);

#endif
