/* event_hub_internal: what event_hub.c (subscribers) and event_reader.c (the thread) share. */
#ifndef STREAMSPACE_SERVER_EVENT_HUB_INTERNAL_H
#define STREAMSPACE_SERVER_EVENT_HUB_INTERNAL_H

#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdatomic.h>

#include "common/crypto.h"
#include "server/event_hub.h"

#define EVENT_TOKEN_SIZE 1001
#define EVENT_ORG_SIZE 64

/* All under the hub's lock, but for what is constant. */
struct event_subscriber
{
	event_subscriber *prev, *next;
	event_hub *hub;
	/* constant */
	char actor[SS_HEX_SIZE];
	char org[EVENT_ORG_SIZE]; /* "": his own */
	/* who it is, as the database said last */
	long long org_id, user_id; /* 0: none */
	bool sees_all;             /* of the organisation */
	char *token;
	unsigned long long round; /* of the thread, when it was entered: a look may be under way */
	bool due;                 /* to be read for */
	bool reading;             /* the thread holds it: whoever frees it leaves that to the thread */
	bool gone;
	bool ended;
	event_message *first, **last;
	size_t queued;
	long long taken_ms, put_ms, token_ms, review_ms;
	void (*wake)(void *arg, bool ended);
	void *wake_arg;
};

struct event_hub
{
	event_config cfg;
	db_pool *pool;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t kicked;
	atomic_llong count; /* subscribers; written under the lock */
	bool kick, closed, stopping;
	event_subscriber *first;
	unsigned long long round;
	size_t queued;
	atomic_llong opened, refused, messages, gaps, slow, looks, reads, errors;
};

/* What an answer of read_events says, as the messages of the protocol. Under the lock. */
int event_subscriber_apply(event_subscriber *s, const cJSON *answer, bool hello);

/* Under the lock: bye, and nothing after it. */
void event_subscriber_finish(event_subscriber *s, const char *reason);

/* Under the lock: a sign of life, or what is nothing new but its token. */
void event_subscriber_put_alive(event_subscriber *s);
void event_subscriber_put_token(event_subscriber *s);

/* Under the lock, by whoever is the last to hold it. */
void event_subscriber_destroy(event_subscriber *s);

/* The thread. */
void *event_reader_run(void *hub);

#endif
