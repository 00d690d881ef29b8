/*
 * agent_owner: the identity of one connection, shared by the loop and by what it gave the writer.
 *
 * Counted references: the connection holds one, every item on its way to the database another, so
 * an item outlives the connection that brought it. Each field says who may touch it.
 */
#ifndef STREAMSPACE_SERVER_AGENT_OWNER_H
#define STREAMSPACE_SERVER_AGENT_OWNER_H

#include "server/dispatch_internal.h"

/* Places in which the writer remembers the order of an agent's items; see writer.c. */
#define AGENT_ORDER_SLOTS 128

typedef struct agent_owner
{
	atomic_int references;
	atomic_int inflight;   /* items that wait to be written */
	atomic_bool held_back; /* not read from until inflight has fallen */
	/* fixed at creation */
	char agent[AGENT_ID_SIZE];
	long long epoch;
	int protocol;
	/* under the writer's lock */
	struct write_item *heartbeat; /* the one in the queue, replaced by a newer; NULL: none */
	/* writer thread only */
	unsigned long long round;
	int taken;
	bool held;
	unsigned char stage[AGENT_ORDER_SLOTS];
	unsigned char kind[AGENT_ORDER_SLOTS];
} agent_owner;

/* NULL: no memory. */
agent_owner *agent_owner_new(const char *agent, long long epoch, int protocol) SS_MUST_CHECK;
agent_owner *agent_owner_ref(agent_owner *owner);
void agent_owner_unref(agent_owner *owner); /* NULL is allowed */

#endif
