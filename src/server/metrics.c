/* metrics: the counters. */
#include "server/metrics.h"

#include <stdatomic.h>
#include <stdlib.h>

const int metrics_bucket_ms[METRICS_BUCKETS] = {2, 5, 10, 25, 100, 500, 2500, 10000};

const int metrics_statuses[] = {101, 200, 201, 202, 304, 400, 401, 403, 404, 405, 409, 412, 413,
	415, 422, 426, 429, 500, 503, 504, 0};
const size_t metrics_status_count = sizeof metrics_statuses / sizeof metrics_statuses[0];

#define STATUS_MAX 24

/* A row of the route table; one more is the page's, and one takes what is at no path. */
typedef struct row
{
	atomic_llong statuses[STATUS_MAX];
	atomic_llong buckets[METRICS_BUCKETS + 1];
	atomic_llong duration_ms;
} row;

struct metrics
{
	atomic_llong door[METRICS_DOOR_EVENTS];
	row rows[];
};

_Static_assert(sizeof metrics_statuses / sizeof metrics_statuses[0] <= STATUS_MAX, "statuses");

int metrics_new(metrics **ret, ss_error *err)
{
	metrics *m = calloc(1, sizeof *m + (route_count() + 2) * sizeof m->rows[0]);
	if (m == NULL)
		return ss_fail(err, "internal", "out of memory");
	*ret = m;
	return 0;
}

void metrics_free(metrics *m)
{
	free(m);
}

void metrics_request(metrics *m, const struct route *of, int status, long long duration_ms)
{
	row *to = &m->rows[of ? route_index(of) : route_count() + 1];
	size_t i = 0;
	while (metrics_statuses[i] != 0 && metrics_statuses[i] != status)
		i++;
	size_t bucket = 0;
	while (bucket < METRICS_BUCKETS && duration_ms > metrics_bucket_ms[bucket])
		bucket++;
	atomic_fetch_add_explicit(&to->statuses[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&to->buckets[bucket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&to->duration_ms, duration_ms, memory_order_relaxed);
}

void metrics_door(metrics *m, metrics_door_event event)
{
	atomic_fetch_add_explicit(&m->door[event], 1, memory_order_relaxed);
}

static long long count_of(const atomic_llong *value)
{
	return atomic_load_explicit(value, memory_order_relaxed);
}

long long metrics_read_requests(const metrics *m, size_t at, size_t status)
{
	return count_of(&m->rows[at].statuses[status]);
}

long long metrics_read_bucket(const metrics *m, size_t at, size_t bucket)
{
	return count_of(&m->rows[at].buckets[bucket]);
}

long long metrics_read_duration_ms(const metrics *m, size_t at)
{
	return count_of(&m->rows[at].duration_ms);
}

long long metrics_read_door(const metrics *m, metrics_door_event event)
{
	return count_of(&m->door[event]);
}
