/*
 * sweeper: the thread that calls tick() again and again. The sweeps themselves (deadlines, leases,
 * silent agents, retention) are SQL, and run on whichever replica holds the lock there.
 */
#ifndef STREAMSPACE_SERVER_SWEEPER_H
#define STREAMSPACE_SERVER_SWEEPER_H

#include "server/dispatch_internal.h"

int sweeper_start(dispatch *d, ss_error *err) SS_MUST_CHECK;
void sweeper_stop(dispatch *d); /* joins and frees */

#endif
