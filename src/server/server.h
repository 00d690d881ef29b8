/*
 * server: what all parts of the running server share. Made by serve() in the main thread before
 * other threads start, and read-only from then on, but for what is atomic.
 */
#ifndef STREAMSPACE_SERVER_SERVER_H
#define STREAMSPACE_SERVER_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "ecpg/db_conn.h"
#include "server/client_address.h"
#include "server/credential_use.h"
#include "server/dispatch.h"
#include "server/event_hub.h"
#include "server/limiter.h"
#include "server/server_config.h"

typedef struct inflight inflight;
typedef struct work work;
typedef struct batcher batcher;
typedef struct password_pool password_pool;
typedef struct metrics metrics;
typedef struct health health;
typedef struct httpd httpd;
typedef struct door door;
typedef struct ui ui;

typedef struct server
{
	const server_config *config;
	db_pool *pool;          /* of the REST threads */
	db_pool *batch_pool;    /* one connection a batcher */
	db_pool *dispatch_pool; /* of the dispatcher: agents do not wait for REST, nor REST for them */
	inflight *inflight;
	work *work;
	batcher *batcher;
	password_pool *passwords;
	metrics *metrics;
	health *health;
	httpd *public_http;
	httpd *internal_http;
	door *door;
	door *internal_door;
	event_hub *events;
	dispatch *dispatch;
	address_set *trusted_proxies;
	credential_uses *uses;
	limiter *actor_limit, *address_limit;
	ui *ui; /* NULL: no page */

	atomic_bool leaving;          /* /readyz says 503 */
	atomic_bool draining;         /* new requests are answered 503 shutting_down */
	atomic_llong requests;        /* begun and not completed */
	atomic_llong password_places; /* taken in the queue of the password pool */
	atomic_llong body_memory;     /* bytes held for bodies */
	atomic_llong last_request;    /* monotonic ms of the last begin or end of a request */
} server;

/* Runs the server until a signal ends it. Returns an ss_exit. */
int serve(const server_config *config);

#endif
