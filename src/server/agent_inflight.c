/* agent_inflight: a short unsorted array; commands under way are few. Loop thread only. */
#include "server/agent_inflight.h"

#include <stdlib.h>

#define ENTRIES_MAX 4096

struct agent_inflight_entry
{
	unsigned command;
	unsigned object;
};

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
unsigned agent_inflight_hash(const char *name)
{
	unsigned hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash ? hash : 1;
}

void agent_inflight_add(agent_inflight *table, unsigned command, unsigned object)
{
	if (table->count == table->capacity)
	{
		size_t capacity = table->capacity ? table->capacity * 2 : 8;
		struct agent_inflight_entry *grown =
			capacity > ENTRIES_MAX ? NULL : realloc(table->entry, capacity * sizeof(*grown));

		if (!grown)
			return;
		table->entry = grown;
		table->capacity = capacity;
	}
	table->entry[table->count++] = (struct agent_inflight_entry){command, object};
}

unsigned agent_inflight_take(agent_inflight *table, unsigned command)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->entry[i].command == command)
		{
			unsigned object = table->entry[i].object;

			table->entry[i] = table->entry[--table->count];
			if (table->count == 0)
				agent_inflight_done(table);
			return object;
		}
	return 0;
}

void agent_inflight_done(agent_inflight *table)
{
	free(table->entry);
	*table = (agent_inflight){0};
}
