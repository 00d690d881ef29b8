/*
 * agent_inflight: which thing each command under way is about, so that the writer can order a
 * result against the observations of that thing alone. Loop thread only.
 *
 * Advice, not truth: a command that is not found (too many, or before a restart) makes its result
 * wait for everything of its agent, which is slower and never wrong.
 */
#ifndef STREAMSPACE_SERVER_AGENT_INFLIGHT_H
#define STREAMSPACE_SERVER_AGENT_INFLIGHT_H

#include <stddef.h>

typedef struct agent_inflight
{
	struct agent_inflight_entry *entry;
	size_t count;
	size_t capacity;
} agent_inflight;

void agent_inflight_add(agent_inflight *table, unsigned command, unsigned object);

/* The object of the command, which is forgotten; 0: unknown. */
unsigned agent_inflight_take(agent_inflight *table, unsigned command);

void agent_inflight_done(agent_inflight *table);

/* Of a name; never 0. */
unsigned agent_inflight_hash(const char *name);

#endif
