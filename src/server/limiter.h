/*
 * limiter: how many requests an actor and an address may make. A bucket a key (GCRA, the leaky
 * bucket as a meter: Sriram and others, ATM Forum TM 4.1), in a table of fixed size in memory: it
 * works without the database, and every replica counts by itself. Any thread.
 */
#ifndef STREAMSPACE_SERVER_LIMITER_H
#define STREAMSPACE_SERVER_LIMITER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

#define LIMITER_WINDOW_S 60
#define LIMITER_KEY_SIZE 16

typedef struct limiter limiter;

/* What a request is told: of the bucket that has the least left. */
typedef struct limiter_state
{
	long long limit;     /* requests a window; 0: not limited */
	long long remaining; /* requests that may follow at once */
	int reset;           /* seconds until the whole limit is there again */
	int retry_after;     /* seconds until one more may follow; 0: this one may pass */
} limiter_state;

/*
 * limit: requests a LIMITER_WINDOW_S, all of which may come at once; 0 turns the limiter off.
 * entries: keys that are told apart; of more the one that has waited longest is forgotten, first
 * one whose bucket is full.
 */
int limiter_new(long long limit, size_t entries, limiter **ret, ss_error *err) SS_MUST_CHECK;
void limiter_free(limiter *l);

/* Counts a request of a key at a monotonic time; tightens *state when this bucket has less left. */
void limiter_count(
	limiter *l, const unsigned char key[LIMITER_KEY_SIZE], long long now_ms, limiter_state *state);

#endif
