/*
 * doorbell: whether the database is to ring for this server, or is looked at without being asked.
 *
 * A NOTIFY costs its transaction group commit, so streamspace_rules.ring() sends one only to a
 * server that sleeps. At low rates the server sleeps; when rings come fast it says that it is
 * awake, for the time of a lease, and polls. To sleep again it says so, and then polls on until
 * every transaction is over that may have read the flag before (or a second has passed: a writer
 * in any database of the server holds that up, and the claimer's own poll stands behind it).
 * An agent that has just connected is such a case too: who did not find it here did not ring.
 *
 * Claimer thread only.
 */
#ifndef STREAMSPACE_SERVER_DOORBELL_H
#define STREAMSPACE_SERVER_DOORBELL_H

#include "server/dispatch_internal.h"

/* So many rings within so long are fast: from there on a poll is cheaper for everybody. */
#define DOORBELL_FAST_RINGS 5
#define DOORBELL_FAST_US 25000

typedef enum doorbell_state
{
	DOORBELL_UNSURE,   /* it is not known what the database believes: say that we sleep */
	DOORBELL_SETTLING, /* said so; transactions from before may still run */
	DOORBELL_ASLEEP,   /* every command from now on rings */
	DOORBELL_AWAKE,    /* nobody rings; we poll */
} doorbell_state;

typedef struct doorbell
{
	doorbell_state state;
	long long look_us;    /* when to look next, by the monotonic clock; LLONG_MAX: when rung */
	long long horizon;    /* settling: until all transactions up to this one have ended ... */
	long long give_up_us; /* ... or until then */
	long long interval_us;
	long long window_us; /* when the counting of rings, or of commands while awake, began */
	long long count;
	long long renew_us; /* awake: the lease */
} doorbell;

/* Begins, or begins again after a failure: nothing is known. */
void doorbell_reset(doorbell *bell);

/*
 * Does what the state asks for: speaks with the database, looks for agents with commands and marks
 * them in the register. rings: how often the database rang since the last call; newcomer: an agent
 * has become eligible since then.
 */
int doorbell_look(dispatch *d, db_conn *conn, doorbell *bell, int rings, bool newcomer,
	ss_error *err) SS_MUST_CHECK;

/* So many commands were claimed. */
void doorbell_count(doorbell *bell, int commands);

/* The server ends. */
int doorbell_leave(dispatch *d, db_conn *conn, ss_error *err) SS_MUST_CHECK;

#endif
