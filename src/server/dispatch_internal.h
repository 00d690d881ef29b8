/*
 * dispatch_internal: what the parts of the dispatcher share. Nothing outside src/server/dispatch*,
 * agent_*, socket_*, stream_*, viewer_*, relay_*, claimer, writer, sweeper and listener includes
 * it.
 *
 * Threads: `loop` runs libwebsockets and owns every agent_conn; admission, listener, claimer,
 * writer and sweeper talk to it by dispatch_loop_post() only. Each part says in its header which
 * functions any thread may call.
 */
#ifndef STREAMSPACE_SERVER_DISPATCH_INTERNAL_H
#define STREAMSPACE_SERVER_DISPATCH_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "server/dispatch.h"

#define AGENT_ID_SIZE 101       /* protocol: 3 to 100 bytes */
#define AGENT_INSTANCE_SIZE 129 /* what an agent process calls itself */
#define AGENT_REASON_SIZE 96    /* a close reason; RFC 6455 allows 123 bytes */

/* From this protocol version on an agent knows welcome, goaway, inventory and their kin. */
#define AGENT_PROTOCOL_V3 3

typedef struct dispatch_loop dispatch_loop;
typedef struct agent_registry agent_registry;
typedef struct agent_admission agent_admission;
typedef struct socket_admission socket_admission;
typedef struct stream_table stream_table;
typedef struct stream_clerk stream_clerk;
typedef struct claimer claimer;
typedef struct writer writer;
typedef struct sweeper sweeper;
typedef struct listener listener;

typedef struct dispatch_counters
{
	atomic_llong admissions_accepted;
	atomic_llong admissions_refused;
	atomic_llong connections_lost;
	atomic_llong frames_received;
	atomic_llong frames_sent;
	atomic_llong frames_rejected;
	atomic_llong frames_unsupported;
	atomic_llong agents_slow;
	atomic_llong agents_silent;
	atomic_llong reads_held;
	atomic_llong rings_received;
	atomic_llong awakenings;
	atomic_llong polls;
	atomic_llong claims;
	atomic_llong commands_claimed;
	atomic_llong commands_ahead;
	atomic_llong commands_undelivered;
	atomic_llong results_written;
	atomic_llong results_refused;
	atomic_llong items_written;
	atomic_llong items_refused;
	atomic_llong items_dropped;
	atomic_llong ticks;
	atomic_llong sockets_admitted;
	atomic_llong sockets_refused;
	atomic_llong viewer_bytes_received;
	atomic_llong viewer_bytes_sent;
	atomic_llong viewer_reads_held;
	atomic_llong viewer_reviews;
	atomic_llong viewers_cut;
	atomic_llong viewers_malformed;
	atomic_llong viewers_silent;
	atomic_llong viewers_slow;
	atomic_llong stream_bytes_to_agents;
	atomic_llong stream_bytes_from_agents;
	atomic_llong stream_violations;
	atomic_llong errors;
} dispatch_counters;

struct dispatch
{
	dispatch_config cfg; /* every number filled; never changes after start */
	db_pool *pool;
	agent_registry *registry;
	dispatch_loop *loop;
	agent_admission *admission;
	socket_admission *socket_admission;
	claimer *claimer;
	writer *writer;
	sweeper *sweeper;
	listener *listener;
	stream_table *streams; /* loop only */
	stream_clerk *clerk;
	atomic_llong viewers, relays, stream_sockets;
	atomic_llong stream_bytes;    /* wait to be written */
	atomic_llong stream_reserved; /* of cfg.stream_memory */
	atomic_int dials;             /* to other servers, at this moment */
	atomic_bool stopping;
	atomic_bool listening;
	atomic_bool asleep;
	atomic_llong sockets;           /* of agents, those that are being closed included */
	struct event_conn *event_conns; /* loop only */
	atomic_bool events_posted;      /* LOOP_EVENTS is on its way */
	long long inventory_used;       /* bytes of half-arrived inventories; loop only */
	dispatch_counters count;
};

#define DISPATCH_COUNT(d, counter) DISPATCH_ADD(d, counter, 1)
#define DISPATCH_ADD(d, counter, n) \
	atomic_fetch_add_explicit(&(d)->count.counter, (n), memory_order_relaxed)

/* Starts a thread with all signals blocked (they are main's) and a name for ps and gdb. */
int dispatch_thread_start(
	pthread_t *ret, const char *name, void *(*run)(void *), void *arg, ss_error *err) SS_MUST_CHECK;

/* Whether a failed call may succeed later, unchanged: no connection, contention, a restart. */
bool dispatch_error_is_transient(const ss_error *err);

#endif
