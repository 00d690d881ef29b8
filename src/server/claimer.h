/*
 * claimer: the thread that claims commands for the agents connected here.
 *
 * It sleeps until somebody rings (claimer_wake() and its kin, any thread), the doorbell wants to
 * look, or the poll interval is over, claims for all rung agents in one call, hands the frames to
 * the loop, and claims again at once while batches come back full.
 */
#ifndef STREAMSPACE_SERVER_CLAIMER_H
#define STREAMSPACE_SERVER_CLAIMER_H

#include "server/dispatch_loop.h"

int claimer_start(dispatch *d, ss_error *err) SS_MUST_CHECK;
/* Joins the thread; wakes do nothing from then on. Free when nobody can wake it any more. */
void claimer_stop(dispatch *d);
void claimer_free(dispatch *d);

/* There may be work for agents that are marked in the registry. */
void claimer_wake(dispatch *d);
/* The same; the database has rung so often. */
void claimer_ring(dispatch *d, int rings);
/* The database has rung, and the loop claims by itself (claim_ahead). Wakes the claimer only when
 * that comes so often that looking without being rung is cheaper. */
void claimer_note_ring(dispatch *d);
/* The same; an agent has become eligible, for whom nobody has rung here so far. */
void claimer_greet(dispatch *d);

/*
 * Reads an answer of claim_commands: *ret is a list of LOOP_SEND events, in its order. The number
 * of commands in the answer; -1: not understood. Any thread.
 */
int claimer_read(
	dispatch *d, const char *json, size_t len, loop_event **ret, ss_error *err) SS_MUST_CHECK;

#endif
