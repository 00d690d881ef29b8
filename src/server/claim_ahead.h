/*
 * claim_ahead: the loop's own claim, for the common case that one agent is rung for.
 *
 * It goes over the LISTEN connection, in one transaction: v_waiting, whose rows are sent to the
 * agent at once, then claim_commands, which marks the same commands as sent. So neither a thread
 * nor the writing of the claim stands between a commit and the agent. Until the transaction has
 * ended nothing is read from the agent: its answer would meet a command that is not yet marked.
 * When the claim fails, or takes other commands than were sent, the claimer or a lease sends
 * again, and the agent does nothing twice (docs/decisions/0048).
 *
 * Loop thread only, but for claim_ahead_prepare().
 */
#ifndef STREAMSPACE_SERVER_CLAIM_AHEAD_H
#define STREAMSPACE_SERVER_CLAIM_AHEAD_H

#include <libpq-fe.h>

#include "server/dispatch_internal.h"

#define CLAIM_AHEAD_MAX 16 /* commands sent before their claim */

typedef enum claim_ahead_stage
{
	CLAIM_AHEAD_IDLE,
	CLAIM_AHEAD_PEEKING,  /* v_waiting is asked */
	CLAIM_AHEAD_SENDING,  /* the frames are queued: their sockets come before the claim */
	CLAIM_AHEAD_CLAIMING, /* claim_commands is asked, and the transaction ends with it */
} claim_ahead_stage;

/* All zero: idle. */
typedef struct claim_ahead
{
	claim_ahead_stage stage;
	bool failed;
	char agent[AGENT_ID_SIZE];
	long long epoch;
	PGresult *claimed;              /* until the transaction has ended */
	unsigned sent[CLAIM_AHEAD_MAX]; /* hashes of command ids */
	int sent_count;
} claim_ahead;

/* Makes a fresh connection fit for it; any thread. false: it may only listen. */
bool claim_ahead_prepare(PGconn *conn);

/* Begins for an agent that was rung. false: not now, the claimer is to do it. */
bool claim_ahead_start(dispatch *d, claim_ahead *ahead, PGconn *conn, const char *agent);

/*
 * Takes what has arrived. -1: the connection is of no use any more; 1: claim_ahead_claim() is to be
 * called, one round of the loop later.
 */
int claim_ahead_read(dispatch *d, claim_ahead *ahead, PGconn *conn) SS_MUST_CHECK;

/* Asks for the claim, if that is what comes next. */
void claim_ahead_claim(dispatch *d, claim_ahead *ahead, PGconn *conn);

/* The connection is gone: leaves it to the claimer. */
void claim_ahead_abandon(dispatch *d, claim_ahead *ahead);

#endif
