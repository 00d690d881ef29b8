/* limiter: a set-associative table; a set has a lock that is held for a few comparisons. */
#include "server/limiter.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/crypto.h"

#define WAYS 8
#define WINDOW_US (LIMITER_WINDOW_S * 1000000LL)

typedef struct entry
{
	unsigned char key[LIMITER_KEY_SIZE];
	long long full_at_us; /* when the whole limit is there again; 0: free */
	long long used_us;
} entry;

typedef struct entry_set
{
	pthread_mutex_t lock;
	entry ways[WAYS];
} entry_set;

struct limiter
{
	long long limit;
	uint64_t seed; /* nobody outside knows which keys share a set */
	size_t count;  /* a power of two */
	entry_set sets[];
};

int limiter_new(long long limit, size_t entries, limiter **ret, ss_error *err)
{
	size_t count = 1;
	while (limit > 0 && count * WAYS < entries)
		count *= 2;
	limiter *l = calloc(1, sizeof *l + count * sizeof l->sets[0]);
	if (l == NULL)
		return ss_fail(err, "internal", "out of memory");
	if (ss_random_bytes(&l->seed, sizeof l->seed, err))
	{
		free(l);
		return -1;
	}
	l->limit = limit;
	l->count = count;
	for (size_t i = 0; i < count; i++)
		pthread_mutex_init(&l->sets[i].lock, NULL);
	*ret = l;
	return 0;
}

void limiter_free(limiter *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->count; i++)
		pthread_mutex_destroy(&l->sets[i].lock);
	free(l);
}

/* The finalizer of MurmurHash3 (Austin Appleby, public domain) over both halves of the key. */
static size_t set_of(const limiter *l, const unsigned char key[LIMITER_KEY_SIZE])
{
	uint64_t hash = l->seed;
	for (size_t i = 0; i < LIMITER_KEY_SIZE; i += sizeof hash)
	{
		uint64_t part;
		memcpy(&part, key + i, sizeof part);
		hash ^= part;
		hash ^= hash >> 33;
		hash *= 0xff51afd7ed558ccdULL;
		hash ^= hash >> 33;
		hash *= 0xc4ceb9fe1a85ec53ULL;
		hash ^= hash >> 33;
	}
	return (size_t)hash & (l->count - 1);
}

/* Is a a better place for a new key than b? Full buckets lose nothing; then the longest unused. */
static bool is_freer(const entry *a, const entry *b, long long now_us)
{
	bool a_full = a->full_at_us <= now_us;
	bool b_full = b->full_at_us <= now_us;
	if (a_full != b_full)
		return a_full;
	return a->used_us < b->used_us;
}

static entry *find_entry(entry_set *set, const unsigned char *key, long long now_us)
{
	entry *victim = &set->ways[0];
	for (size_t i = 0; i < WAYS; i++)
	{
		entry *e = &set->ways[i];
		if (e->full_at_us != 0 && memcmp(e->key, key, LIMITER_KEY_SIZE) == 0)
			return e;
		if (is_freer(e, victim, now_us))
			victim = e;
	}
	memcpy(victim->key, key, LIMITER_KEY_SIZE);
	victim->full_at_us = now_us;
	return victim;
}

static int seconds_up(long long us)
{
	return (int)((us + 999999) / 1000000);
}

void limiter_count(
	limiter *l, const unsigned char key[LIMITER_KEY_SIZE], long long now_ms, limiter_state *state)
{
	if (l->limit <= 0)
		return;
	long long now_us = now_ms * 1000 + 1;
	long long step_us = WINDOW_US / l->limit > 0 ? WINDOW_US / l->limit : 1;
	long long burst_us = step_us * l->limit;
	limiter_state found = {.limit = l->limit};
	entry_set *set = &l->sets[set_of(l, key)];

	pthread_mutex_lock(&set->lock);
	entry *e = find_entry(set, key, now_us);
	e->used_us = now_us;
	if (e->full_at_us < now_us)
		e->full_at_us = now_us;
	long long after_us = e->full_at_us + step_us;
	if (after_us - now_us > burst_us)
		found.retry_after = seconds_up(after_us - now_us - burst_us);
	else
		e->full_at_us = after_us;
	found.remaining = (burst_us - (e->full_at_us - now_us)) / step_us;
	found.reset = seconds_up(e->full_at_us - now_us);
	pthread_mutex_unlock(&set->lock);

	bool first = state->limit == 0;
	if (first || (found.retry_after > state->retry_after) ||
		(found.retry_after == state->retry_after && found.remaining < state->remaining))
		*state = found;
}
