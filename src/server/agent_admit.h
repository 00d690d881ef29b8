/*
 * agent_admit: from a socket that asks for an agent's WebSocket to an admitted agent.
 *
 * Threads of its own ask the database (connect_agent), so that the loop never waits. An offer is
 * owned by exactly one place at a time: the queue, an admission thread, an event of the loop, or
 * the connection that it waits for.
 */
#ifndef STREAMSPACE_SERVER_AGENT_ADMIT_H
#define STREAMSPACE_SERVER_AGENT_ADMIT_H

#include "server/agent_head.h"

typedef enum agent_verdict
{
	AGENT_VERDICT_NONE,   /* not asked yet */
	AGENT_VERDICT_ALIVE,  /* the connection in the way answered: refuse */
	AGENT_VERDICT_SILENT, /* it did not, or is not there: replace it */
} agent_verdict;

typedef struct agent_offer
{
	struct agent_offer *next; /* in the list of a connection that is probed */
	int fd;
	agent_head head;
	bool parsed;
	/* the connection that stands in the way */
	agent_verdict verdict;
	long long rival_epoch;
	int probes; /* times that a rival was asked */
	/* once admitted */
	bool admitted;
	long long epoch;
	int protocol;
	int heartbeat_seconds;
	char installation[64];
	/* as it was peeked */
	size_t len;
	char text[];
} agent_offer;

/* Starts the threads. */
int agent_admission_start(dispatch *d, ss_error *err) SS_MUST_CHECK;

/* Refuses what waits (shutting_down), joins the threads. Further offers are refused. */
void agent_admission_stop(dispatch *d);

/* Frees what stop left; the loop has ended. */
void agent_admission_free(dispatch *d);

/* Any thread; never blocks. A new offer, or one that comes back from the loop with a verdict.
 * 0: queued; -1: refused and freed. */
int agent_admission_offer(dispatch *d, agent_offer *offer);

/* Offers that wait. Any thread. */
long long agent_admission_waiting(dispatch *d);

/* Closes its socket (if it still has one) and frees it. */
void agent_offer_free(agent_offer *offer);

#endif
