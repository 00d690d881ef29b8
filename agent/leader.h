/*
 * leader: of all agents with one id, which one works. A Lease of Kubernetes says it.
 *
 * Whether another holder's lease is over is judged by this host's monotonic clock, from when the
 * record was last seen to change: clocks of others are never compared. The holder writes every two
 * seconds; when it has not managed to for ten, or finds another holder, the process ends at once
 * and is started anew. A process that was frozen finds itself out of time before it sends
 * anything. The Lease is no fence: the epoch that the database gives is.
 */
#ifndef AGENT_LEADER_H
#define AGENT_LEADER_H

#include <stdbool.h>

#include "agent/options.h"
#include "common/error.h"

#define LEADER_LEASE_MS 15000 /* others wait for so long after the last change */
#define LEADER_RENEW_MS 10000 /* the holder is one for so long after its last write */
#define LEADER_RETRY_MS 2000  /* between two tries, and up to 1.2 times as much again */

typedef struct leader leader;

/*
 * Begins to apply for the lease options->leader_election_lease, by a thread of its own. 1: the
 * option names none, and *ret is NULL.
 */
int leader_start(const agent_options *options, leader **ret, ss_error *err) SS_MUST_CHECK;

/* Whether this process works at this moment. NULL: always. Any thread. */
bool leader_holds(const leader *self);

/*
 * What Kubernetes calls the Lease, which no other one is ever called; "" without one, and when this
 * process made it. To be asked once leader_holds() was true.
 */
const char *leader_uid(const leader *self);

/* Gives the lease back so that another takes it at once, and ends the thread. NULL is allowed. */
void leader_stop(leader *self);

#endif
