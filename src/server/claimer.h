/*
 * claimer: the thread that claims commands for the agents connected here.
 *
 * It sleeps until somebody rings (claimer_wake() and its kin, any thread), the doorbell wants to
 * look, or the poll interval is over, claims for all rung agents in one call, hands the frames to
 * the loop, and claims again at once while batches come back full.
 */
#ifndef STREAMSPACE_SERVER_CLAIMER_H
#define STREAMSPACE_SERVER_CLAIMER_H

#include "server/dispatch_internal.h"

int claimer_start(dispatch *d, ss_error *err) SS_MUST_CHECK;
/* Joins the thread; wakes do nothing from then on. Free when nobody can wake it any more. */
void claimer_stop(dispatch *d);
void claimer_free(dispatch *d);

/* There may be work for agents that are marked in the registry. */
void claimer_wake(dispatch *d);
/* The same; the database has rung so often. */
void claimer_ring(dispatch *d, int rings);
/* The same; an agent has become eligible, for whom nobody has rung here so far. */
void claimer_greet(dispatch *d);

#endif
