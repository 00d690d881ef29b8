/*
 * dispatch: agents' WebSockets, the command queue and everything that flows back from agents.
 *
 * Owns its threads: the libwebsockets loop with the LISTEN socket, admission, claimer, writer and
 * sweeper. The functions below may be called from any thread unless said otherwise.
 */
#ifndef STREAMSPACE_SERVER_DISPATCH_H
#define STREAMSPACE_SERVER_DISPATCH_H

#include <stddef.h>

#include "common/error.h"
#include "ecpg/db_conn.h"

typedef struct dispatch dispatch;

/* Strings belong to the caller and must live until dispatch_stop() has returned. */
typedef struct dispatch_config
{
	const char *database; /* as for db_pool_open(); the listener uses the same libpq settings */
	const char *replica;  /* id of this server process, unique among live replicas */
	int max_agents;       /* connected agents; more are refused with 503 */
	int admission_queue;  /* offers waiting for connect_agent(); more are refused with 503 */
	int max_frame_bytes;  /* one message of an agent; a larger one closes the connection */
	int max_send_bytes;   /* bytes waiting to be sent to one agent before it is cut off */
	int claim_batch;      /* commands claimed by one call */
	int poll_seconds;     /* the claimer looks this often even when nobody rings */
	int tick_seconds;     /* pause between two sweeps */
	int write_batch;      /* items written back by one call */
	int write_queue;      /* items waiting to be written back; full stops reading from agents */
} dispatch_config;

/* Counters rise for the life of the process; the others are of now. For /metrics. */
typedef struct dispatch_stats
{
	long long agents_connected;    /* now */
	long long admissions_waiting;  /* now */
	long long write_queue_length;  /* now */
	long long listening;           /* now: 1 while the LISTEN connection is up */
	long long admissions_accepted; /* counters from here on */
	long long admissions_refused;
	long long connections_lost;
	long long frames_received;
	long long frames_sent;
	long long frames_rejected; /* malformed, too large or of an unknown type */
	long long rings_received;
	long long commands_claimed;
	long long results_written;
	long long results_refused; /* stale epoch, stale revision, unknown, not the agent's */
	long long ticks;
	long long errors; /* failed calls of the database */
} dispatch_stats;

/*
 * Starts the threads. The pool is borrowed and must outlive dispatch_stop(). Returns 0, or -1 with
 * *err filled and nothing running.
 */
int dispatch_start(const dispatch_config *cfg, db_pool *pool, dispatch **ret, ss_error *err)
	__attribute__((warn_unused_result));

/*
 * Hands over a connected, non-blocking socket whose request for an agent's WebSocket was peeked
 * at, not read: head holds the whole request head (len bytes, ending in an empty line) and is
 * copied. fd belongs to dispatch from the moment of the call, whatever it returns. Never blocks.
 * Returns 0 when the offer is queued, -1 when it was refused at once (answered with 503, closed).
 */
int dispatch_offer(dispatch *d, int fd, const char *head, size_t len);

/* Fills *ret. Cheap; never waits for the database. */
void dispatch_get_stats(dispatch *d, dispatch_stats *ret);

/*
 * Says goaway to every agent, writes back what has arrived, joins the threads and frees d. Bounded
 * in time (a few seconds). NULL is allowed. No dispatch_offer() may run at the same time.
 */
void dispatch_stop(dispatch *d);

#endif
