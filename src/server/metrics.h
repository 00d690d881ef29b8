/*
 * metrics: counters of the server, and the text of /metrics (Prometheus exposition format
 * 0.0.4). Every metric is declared, with its HELP, in metrics_text.c. Any thread.
 */
#ifndef STREAMSPACE_SERVER_METRICS_H
#define STREAMSPACE_SERVER_METRICS_H

#include "common/strbuf.h"
#include "server/request.h"

#define METRICS_BUCKETS 8

/* Upper bounds of the duration histogram, in milliseconds; one more bucket is unbounded. */
extern const int metrics_bucket_ms[METRICS_BUCKETS];
/* The statuses that are counted apart; the last (0) takes all others. */
extern const int metrics_statuses[];
extern const size_t metrics_status_count;

/* Events of the front door that end a connection before it is a request. */
typedef enum metrics_door_event
{
	METRICS_DOOR_ACCEPTED,
	METRICS_DOOR_TO_HTTP,
	METRICS_DOOR_TO_AGENTS,
	METRICS_DOOR_REFUSED_FULL,      /* 503: too many connections */
	METRICS_DOOR_REFUSED_MALFORMED, /* 400 or 505: no request line of HTTP/1.1 */
	METRICS_DOOR_TIMED_OUT,         /* no request line in time, or the oldest of too many */
	METRICS_DOOR_HUNG_UP,           /* the client left before its request line */
	METRICS_DOOR_EVENTS,
} metrics_door_event;

int metrics_new(metrics **ret, ss_error *err) SS_MUST_CHECK;
void metrics_free(metrics *m);

/* Counts an ended request; of NULL: no route was found. status 0: it ended without an answer. */
void metrics_request(metrics *m, const struct route *of, int status, long long duration_ms);

void metrics_door(metrics *m, metrics_door_event event);

/* Appends what the dispatcher counts. */
void metrics_add_dispatch(ss_strbuf *out, dispatch *d);

/* The same of the streams of events. */
void metrics_add_events(ss_strbuf *out, event_hub *hub);

/* For metrics_text.c. */
long long metrics_read_requests(const metrics *m, size_t row, size_t status);
long long metrics_read_bucket(const metrics *m, size_t row, size_t bucket);
long long metrics_read_duration_ms(const metrics *m, size_t row);
long long metrics_read_door(const metrics *m, metrics_door_event event);

#endif
