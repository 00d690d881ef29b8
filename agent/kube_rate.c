/* A token bucket whose level may go below zero: who takes one then waits for his turn. */
#include "agent/kube_rate.h"

#include "common/timeutil.h"

void kube_rate_init(kube_rate *rate, long long per_second, long long burst)
{
	pthread_mutex_init(&rate->lock, NULL);
	rate->per_ms = (double)per_second / 1000.0;
	rate->burst = (double)burst;
	rate->level = rate->burst;
	rate->at_ms = ss_time_monotonic_ms();
}

void kube_rate_done(kube_rate *rate)
{
	pthread_mutex_destroy(&rate->lock);
}

long long kube_rate_take(kube_rate *rate)
{
	pthread_mutex_lock(&rate->lock);
	long long now = ss_time_monotonic_ms();
	rate->level += (double)(now - rate->at_ms) * rate->per_ms;
	if (rate->level > rate->burst)
		rate->level = rate->burst;
	rate->at_ms = now;
	rate->level -= 1.0;
	long long wait_ms = rate->level >= 0 ? 0 : (long long)(-rate->level / rate->per_ms) + 1;
	pthread_mutex_unlock(&rate->lock);
	return wait_ms;
}
