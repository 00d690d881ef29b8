/*
 * event_hub: the subscribers of the streams of events, and the thread that reads for all of them.
 *
 * One thread asks the database what has changed since its token, gets back whom that may concern,
 * and reads for those, many in one statement; what each may see is decided there, at every read.
 * It looks when this server has written something (event_hub_kick()), and now and then for what
 * other servers wrote; without a subscriber it does nothing. A transport (server-sent events,
 * WebSocket) takes messages out of its subscriber's bounded queue.
 *
 * Any thread, but for what says otherwise. A wake function is called under the hub's lock: it must
 * not call the hub.
 */
#ifndef STREAMSPACE_SERVER_EVENT_HUB_H
#define STREAMSPACE_SERVER_EVENT_HUB_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "ecpg/db_conn.h"

typedef struct event_hub event_hub;
typedef struct event_subscriber event_subscriber;

/* Numbers as in event_options.h. */
typedef struct event_config
{
#define EVENT_FIELD(name, kind, default_value, min, max, help) long long name;
#include "server/event_options.h"
#undef EVENT_FIELD
} event_config;

typedef enum event_type
{
	EVENT_HELLO,
	EVENT_CHANGES,
	EVENT_GAP,
	EVENT_BYE,
	EVENT_ALIVE, /* a sign of life: no message of the protocol */
	EVENT_TYPES,
} event_type;

extern const char *const event_type_names[EVENT_TYPES];

typedef struct event_message
{
	struct event_message *next;
	event_type type;
	long long queued_ms;
	const char *token; /* behind the text; "": none */
	size_t len;
	char text[]; /* JSON on one line */
} event_message;

/* Counters rise for the life of the process; the others are of now. For /metrics. */
typedef struct event_stats
{
	long long streams; /* now */
	long long queued;  /* bytes, now */
	long long opened;  /* counters from here on */
	long long refused;
	long long messages;
	long long gaps;
	long long slow;
	long long looks;
	long long reads; /* of one subscriber each */
	long long errors;
} event_stats;

/* The pool is borrowed; the thread takes one connection of it at a time. */
int event_hub_start(
	const event_config *cfg, db_pool *pool, event_hub **ret, ss_error *err) SS_MUST_CHECK;

/* No stream is opened any more, all that are get a bye. The transports send it and close. */
void event_hub_close(event_hub *hub);

/* When every subscriber is freed: joins the thread. NULL is allowed. */
void event_hub_stop(event_hub *hub);

/* Something may have changed. Cheap without subscribers. NULL is allowed. */
void event_hub_kick(event_hub *hub);

void event_hub_read_stats(event_hub *hub, event_stats *ret);

/*
 * Asks the database (blocks) who the actor is and what he has missed since the token (NULL: no
 * token), and begins his stream with hello. Codes: those of read_events, overloaded,
 * too_many_streams, shutting_down.
 */
int event_subscriber_new(event_hub *hub, db_conn *conn, const char *actor, const char *org,
	const char *since, event_subscriber **ret, ss_error *err) SS_MUST_CHECK;

/* wake(arg) is called whenever there is something to take; at once if there is already. */
void event_subscriber_listen(
	event_subscriber *subscriber, void (*wake)(void *arg, bool ended), void *arg);

/*
 * The next message, the caller's to free(); NULL: none. With NULL *ret_ended tells whether none
 * will come, and, unless so, idle(arg) is called under the lock (may be NULL).
 */
event_message *event_subscriber_take(
	event_subscriber *subscriber, bool *ret_ended, void (*idle)(void *arg), void *arg);

/* Ends it with a bye of our own, unless it has ended. */
void event_subscriber_end(event_subscriber *subscriber, const char *reason);

/* The transport is gone: no wake any more. NULL is allowed. */
void event_subscriber_free(event_subscriber *subscriber);

#endif
