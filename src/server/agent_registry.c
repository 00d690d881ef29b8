/* agent_registry: a hash table under a mutex. See agent_registry.h for the threads. */
#include "server/agent_registry.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/strbuf.h"
#include "common/timeutil.h"

#define BUCKETS 4096 /* a power of two; agents are some thousands at most */

struct agent_registry
{
	pthread_mutex_t lock;
	pthread_cond_t empty;
	long long count;
	bool collecting; /* a claim of what was collected is under way */
	agent_entry *bucket[BUCKETS];
};

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static agent_entry **bucket_of(agent_registry *registry, const char *agent)
{
	unsigned int hash = 2166136261u;

	for (const char *p = agent; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	return &registry->bucket[hash & (BUCKETS - 1)];
}

static agent_entry **place_of(agent_registry *registry, const char *agent)
{
	agent_entry **at = bucket_of(registry, agent);

	while (*at && strcmp((*at)->agent, agent) != 0)
		at = &(*at)->next;
	return at;
}

agent_registry *agent_registry_new(void)
{
	agent_registry *registry = calloc(1, sizeof(*registry));

	if (!registry)
		return NULL;
	pthread_mutex_init(&registry->lock, NULL);
	pthread_cond_init(&registry->empty, NULL);
	return registry;
}

void agent_registry_free(agent_registry *registry)
{
	if (!registry)
		return;
	pthread_cond_destroy(&registry->empty);
	pthread_mutex_destroy(&registry->lock);
	free(registry);
}

agent_entry *agent_registry_add(agent_registry *registry, agent_entry *entry, int *ret)
{
	pthread_mutex_lock(&registry->lock);
	agent_entry **at = place_of(registry, entry->agent), *old = *at;

	if (old && old->epoch >= entry->epoch)
	{
		pthread_mutex_unlock(&registry->lock);
		*ret = -1;
		return NULL;
	}
	if (old)
		*at = old->next;
	else
		registry->count++;
	entry->next = *at;
	*at = entry;
	pthread_mutex_unlock(&registry->lock);
	*ret = 0;
	return old;
}

bool agent_registry_remove(agent_registry *registry, agent_entry *entry)
{
	pthread_mutex_lock(&registry->lock);
	agent_entry **at = place_of(registry, entry->agent);
	bool found = *at == entry;

	if (found)
	{
		*at = entry->next;
		if (--registry->count == 0)
			pthread_cond_broadcast(&registry->empty);
	}
	pthread_mutex_unlock(&registry->lock);
	return found;
}

agent_entry *agent_registry_find(agent_registry *registry, const char *agent)
{
	pthread_mutex_lock(&registry->lock);
	agent_entry *entry = *place_of(registry, agent);

	pthread_mutex_unlock(&registry->lock);
	return entry;
}

void agent_registry_set_eligible(agent_registry *registry, agent_entry *entry, bool eligible)
{
	pthread_mutex_lock(&registry->lock);
	if (eligible && !entry->eligible)
		entry->rung = true;
	entry->eligible = eligible;
	pthread_mutex_unlock(&registry->lock);
}

void agent_registry_each(agent_registry *registry, void (*visit)(void *conn, void *arg), void *arg)
{
	/* Only the loop changes the table, and the loop is who calls: no lock while visiting. */
	for (size_t i = 0; i < BUCKETS; i++)
		for (agent_entry *entry = registry->bucket[i], *next; entry; entry = next)
		{
			next = entry->next;
			visit(entry->conn, arg);
		}
}

bool agent_registry_ring(agent_registry *registry, const char *agent)
{
	bool found = false;

	pthread_mutex_lock(&registry->lock);
	if (agent)
	{
		agent_entry *entry = *place_of(registry, agent);

		if (entry)
			found = entry->rung = true;
	}
	else
		for (size_t i = 0; i < BUCKETS; i++)
			for (agent_entry *entry = registry->bucket[i]; entry; entry = entry->next)
				found = entry->rung = true;
	pthread_mutex_unlock(&registry->lock);
	return found;
}

int agent_registry_collect(agent_registry *registry, bool all, char **ret_json)
{
	ss_strbuf json = SS_STRBUF_INIT;
	int n = 0;

	ss_strbuf_append(&json, "[");
	pthread_mutex_lock(&registry->lock);
	for (size_t i = 0; i < BUCKETS && registry->count > 0; i++)
		for (agent_entry *entry = registry->bucket[i]; entry; entry = entry->next)
		{
			if (!entry->eligible || entry->ahead || !(all || entry->rung))
				continue;
			ss_strbuf_append(&json, n++ ? ",{\"agent\":" : "{\"agent\":");
			ss_strbuf_append_json(&json, entry->agent);
			ss_strbuf_appendf(&json, ",\"epoch\":%lld}", entry->epoch);
			entry->rung = false;
		}
	registry->collecting = n > 0;
	pthread_mutex_unlock(&registry->lock);
	ss_strbuf_append(&json, "]");
	if (n == 0)
	{
		ss_strbuf_done(&json);
		return 1;
	}
	char *text = ss_strbuf_take(&json);

	if (!text)
	{
		agent_registry_ring(registry, NULL);
		agent_registry_collected(registry);
		return -1;
	}
	*ret_json = text;
	return 0;
}

void agent_registry_collected(agent_registry *registry)
{
	pthread_mutex_lock(&registry->lock);
	registry->collecting = false;
	pthread_mutex_unlock(&registry->lock);
}

bool agent_registry_take(agent_registry *registry, const char *agent, long long *ret_epoch)
{
	pthread_mutex_lock(&registry->lock);
	agent_entry *entry = *place_of(registry, agent);
	bool free = entry && entry->rung && entry->eligible && !entry->ahead && !registry->collecting;

	if (free)
	{
		entry->ahead = true;
		entry->rung = false;
		*ret_epoch = entry->epoch;
	}
	pthread_mutex_unlock(&registry->lock);
	return free;
}

bool agent_registry_give_back(agent_registry *registry, const char *agent, long long epoch)
{
	bool rung = false;

	pthread_mutex_lock(&registry->lock);
	agent_entry *entry = *place_of(registry, agent);

	if (entry && entry->epoch == epoch)
	{
		entry->ahead = false;
		rung = entry->rung;
	}
	pthread_mutex_unlock(&registry->lock);
	return rung;
}

long long agent_registry_count(agent_registry *registry)
{
	pthread_mutex_lock(&registry->lock);
	long long count = registry->count;

	pthread_mutex_unlock(&registry->lock);
	return count;
}

void agent_registry_wait_empty(agent_registry *registry, int timeout_ms)
{
	struct timespec deadline = ss_time_deadline(timeout_ms);

	pthread_mutex_lock(&registry->lock);
	while (registry->count > 0 && pthread_cond_clockwait(&registry->empty, &registry->lock,
									  CLOCK_MONOTONIC, &deadline) == 0)
		;
	pthread_mutex_unlock(&registry->lock);
}
