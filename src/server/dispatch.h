/*
 * dispatch: agents' WebSockets, the command queue and everything that flows back from agents.
 *
 * Owns its threads: the libwebsockets loop with the LISTEN socket, listener, admission, claimer,
 * writer and sweeper. The functions below may be called from any thread unless said otherwise.
 */
#ifndef STREAMSPACE_SERVER_DISPATCH_H
#define STREAMSPACE_SERVER_DISPATCH_H

#include <stddef.h>

#include "common/error.h"
#include "ecpg/db_conn.h"
#include "server/client_address.h"
#include "server/socket_class.h"

typedef struct dispatch dispatch;

/*
 * Strings belong to the caller and must live until dispatch_stop() has returned. A number that is
 * 0 stands for its default; others must lie in the range of dispatch_options.h.
 */
typedef struct dispatch_config
{
	const char *database; /* as for db_pool_open(); the listener uses the same libpq settings */
	const char *replica;  /* id of this server process, unique among live replicas */
	const char *address;  /* where other replicas reach this one; NULL: nowhere */
	const char *origins;  /* as for origin_fits(): of the pages whose viewers are let in */
	const address_set *trusted_proxies; /* whose X-Forwarded-For counts */
	struct credential_uses *uses;       /* what the sweeper writes to the database; NULL: nothing */
	struct event_hub *events; /* kicked when something was written; begins streams. NULL: none */
#define DISPATCH_FIELD(name, kind, default_value, min, max, help) long long name;
#include "server/dispatch_options.h"
#undef DISPATCH_FIELD
} dispatch_config;

/* Counters rise for the life of the process; the others are of now. For /metrics. */
typedef struct dispatch_stats
{
	long long agents_connected;    /* now */
	long long admissions_waiting;  /* now */
	long long write_queue_length;  /* now */
	long long write_queue_bytes;   /* now */
	long long listening;           /* now: 1 while the LISTEN connection is up */
	long long asleep;              /* now: 1 while the database is to ring, 0 while we look */
	long long admissions_accepted; /* counters from here on */
	long long admissions_refused;
	long long connections_lost;
	long long frames_received;
	long long frames_sent;
	long long frames_rejected;    /* malformed, too large or binary: each closed a connection */
	long long frames_unsupported; /* of an unknown or a refused type */
	long long agents_slow;        /* cut off because they did not read */
	long long agents_silent;      /* cut off because they answered no ping */
	long long reads_held;         /* times that reading from an agent was suspended */
	long long rings_received;
	long long awakenings; /* times that rings came so fast that polling began */
	long long polls;      /* looks for commands without having been rung */
	long long claims;
	long long commands_claimed;
	long long commands_ahead;       /* of these, sent while the claim was being written */
	long long commands_undelivered; /* claimed, but the connection was gone: sent again later */
	long long results_written;
	long long results_refused; /* stale epoch, stale revision, unknown, not the agent's */
	long long items_written;   /* of all kinds, results included */
	long long items_refused;
	long long items_dropped; /* the database refused the call itself, or no time was left */
	long long ticks;
	long long sockets_waiting;  /* now: sockets of other classes that wait to be admitted */
	long long viewers;          /* now */
	long long relays;           /* now: viewers here whose agent is elsewhere, and the reverse */
	long long stream_sockets;   /* now: agents whose streams come here */
	long long stream_bytes;     /* now: that wait to be written */
	long long stream_reserved;  /* now: of the memory set aside for streams */
	long long sockets_admitted; /* counters again */
	long long sockets_refused;
	long long viewer_bytes_received;
	long long viewer_bytes_sent;
	long long viewer_reads_held; /* times that reading from a viewer was suspended */
	long long viewer_reviews;
	long long viewers_cut;       /* by a review */
	long long viewers_malformed; /* closed for what they sent */
	long long viewers_silent;
	long long viewers_slow;
	long long stream_bytes_to_agents;
	long long stream_bytes_from_agents;
	long long stream_violations; /* stream sockets closed for what they sent */
	long long errors;            /* failed calls of the database */
} dispatch_stats;

/*
 * Starts the threads. The pool is borrowed and must outlive dispatch_stop(); claimer and writer
 * keep a connection of it each. Returns 0, or -1 with *err filled and nothing running.
 */
int dispatch_start(const dispatch_config *cfg, db_pool *pool, dispatch **ret, ss_error *err)
	__attribute__((warn_unused_result));

/*
 * Hands over a connected, non-blocking socket whose request for a WebSocket of a class was peeked
 * at, not read: head holds the whole request head (len bytes, ending in an empty line) and is
 * copied. fd belongs to dispatch from the moment of the call, whatever it returns. Never blocks.
 * Returns 0 when the offer is queued, -1 when it was refused at once (answered with 503, closed).
 */
int dispatch_offer(dispatch *d, socket_class class, int fd, const struct sockaddr *peer,
	const char *head, size_t len);

/* Fills *ret. Cheap; never waits for the database. */
void dispatch_get_stats(dispatch *d, dispatch_stats *ret);

/*
 * Says goaway to every agent, writes back what has arrived, joins the threads and frees d. Bounded
 * in time by stop_seconds. NULL is allowed. No dispatch_offer() may run at the same time.
 */
void dispatch_stop(dispatch *d);

#endif
