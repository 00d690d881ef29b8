/*
 * kube_rate: a token bucket, so that an agent never floods an API server. Any thread.
 */
#ifndef AGENT_KUBE_RATE_H
#define AGENT_KUBE_RATE_H

#include <pthread.h>

typedef struct kube_rate
{
	pthread_mutex_t lock;
	double per_ms;
	double burst;
	double level;
	long long at_ms;
} kube_rate;

/* rate: requests a second; burst: how many at once after a pause. Both at least 1. */
void kube_rate_init(kube_rate *rate, long long per_second, long long burst);
void kube_rate_done(kube_rate *rate);

/* Takes one token and returns how many milliseconds the caller has to wait before it is good. */
long long kube_rate_take(kube_rate *rate);

#endif
