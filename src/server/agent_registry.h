/*
 * agent_registry: which agents are connected to this replica, by id. Any thread; the loop is the
 * only one that adds and removes. At most one entry an agent: the one with the highest epoch.
 */
#ifndef STREAMSPACE_SERVER_AGENT_REGISTRY_H
#define STREAMSPACE_SERVER_AGENT_REGISTRY_H

#include "server/dispatch_internal.h"

/* Embedded in the connection; all fields are under the registry's lock. */
typedef struct agent_entry
{
	struct agent_entry *next;
	const char *agent; /* the connection's; it outlives the entry */
	long long epoch;
	bool rung;     /* has work for all we know */
	bool eligible; /* may be sent commands: handshake done, not too slow */
	bool ahead;    /* taken by the loop; see agent_registry_take() */
	void *conn;    /* for the loop only */
} agent_entry;

agent_registry *agent_registry_new(void) SS_MUST_CHECK;
void agent_registry_free(agent_registry *registry); /* NULL is allowed */

/* Loop only. Returns the entry that had to go (older epoch), NULL if there was none. -1 in *ret
 * when a newer one is there: then nothing is added. */
agent_entry *agent_registry_add(agent_registry *registry, agent_entry *entry, int *ret);

/* Loop only. Whether it was there. */
bool agent_registry_remove(agent_registry *registry, agent_entry *entry);

/* Loop only. The entry of the agent, whatever its epoch; NULL: none. */
agent_entry *agent_registry_find(agent_registry *registry, const char *agent);

/* Loop only. Whether it may be sent commands; one that becomes eligible counts as rung. */
void agent_registry_set_eligible(agent_registry *registry, agent_entry *entry, bool eligible);

/* Calls visit for every entry's conn, loop only; visit may remove the entry that it is given. */
void agent_registry_each(agent_registry *registry, void (*visit)(void *conn, void *arg), void *arg);

/* Marks an agent (NULL: all) as having work; whether it is here. */
bool agent_registry_ring(agent_registry *registry, const char *agent);

/*
 * Collects [{"agent","epoch"}] of the eligible agents that were rung, or of all, and clears the
 * marks; not of one that the loop has taken. *ret_json is the caller's; 1 when there is none, -1
 * without memory (marks stay). Nothing can be taken until agent_registry_collected() is called.
 */
int agent_registry_collect(agent_registry *registry, bool all, char **ret_json) SS_MUST_CHECK;

/* What was collected has been claimed, or could not be. */
void agent_registry_collected(agent_registry *registry);

/*
 * Loop only. Takes one agent to claim for, and clears its mark: two claims for one agent at a time
 * would hide each other's commands, as they skip what is locked. false: it is not rung or not
 * eligible, or a claim of what was collected is under way.
 */
bool agent_registry_take(agent_registry *registry, const char *agent, long long *ret_epoch);

/* Loop only. The claim is over; whether the agent was rung meanwhile. */
bool agent_registry_give_back(agent_registry *registry, const char *agent, long long epoch);

long long agent_registry_count(agent_registry *registry);

/* Waits until it is empty, at most timeout_ms. */
void agent_registry_wait_empty(agent_registry *registry, int timeout_ms);

#endif
