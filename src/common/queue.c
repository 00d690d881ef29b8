/*
 * queue: see queue.h. A ring under one mutex, two conditions on the monotonic clock.
 */
#include "common/queue.h"
#include "common/timeutil.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct ss_queue
{
	pthread_mutex_t lock;
	pthread_cond_t not_empty;
	pthread_cond_t not_full;
	size_t capacity;
	size_t first;
	size_t len;
	bool closed;
	void *items[];
};

ss_queue *ss_queue_new(size_t capacity)
{
	ss_queue *queue;

	if (capacity < 1 || capacity > SIZE_MAX / sizeof(void *) / 2)
		return NULL;
	queue = calloc(1, sizeof *queue + capacity * sizeof(void *));
	if (queue == NULL)
		return NULL;
	queue->capacity = capacity;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->not_empty, NULL);
	pthread_cond_init(&queue->not_full, NULL);
	return queue;
}

void ss_queue_free(ss_queue *queue)
{
	if (queue == NULL)
		return;
	pthread_cond_destroy(&queue->not_full);
	pthread_cond_destroy(&queue->not_empty);
	pthread_mutex_destroy(&queue->lock);
	free(queue);
}

/* One wait, with the lock held; false when the time is over. */
static bool wait_once(
	ss_queue *queue, pthread_cond_t *condition, int timeout_ms, const struct timespec *deadline)
{
	if (timeout_ms == 0)
		return false;
	if (timeout_ms < 0)
		return pthread_cond_wait(condition, &queue->lock) == 0;
	return pthread_cond_clockwait(condition, &queue->lock, CLOCK_MONOTONIC, deadline) != ETIMEDOUT;
}

int ss_queue_push(ss_queue *queue, void *item, int timeout_ms)
{
	struct timespec deadline = ss_time_deadline(timeout_ms > 0 ? timeout_ms : 0);
	int rc = 0;

	pthread_mutex_lock(&queue->lock);
	while (!queue->closed && queue->len == queue->capacity &&
		   wait_once(queue, &queue->not_full, timeout_ms, &deadline))
		continue;
	if (queue->closed)
		rc = -1;
	else if (queue->len == queue->capacity)
		rc = 1;
	else
	{
		queue->items[(queue->first + queue->len) % queue->capacity] = item;
		queue->len++;
		pthread_cond_signal(&queue->not_empty);
	}
	pthread_mutex_unlock(&queue->lock);
	return rc;
}

int ss_queue_pop(ss_queue *queue, void **ret, int timeout_ms)
{
	struct timespec deadline = ss_time_deadline(timeout_ms > 0 ? timeout_ms : 0);
	int rc = 0;

	pthread_mutex_lock(&queue->lock);
	while (!queue->closed && queue->len == 0 &&
		   wait_once(queue, &queue->not_empty, timeout_ms, &deadline))
		continue;
	if (queue->len == 0)
		rc = queue->closed ? -1 : 1;
	else
	{
		*ret = queue->items[queue->first];
		queue->first = (queue->first + 1) % queue->capacity;
		queue->len--;
		pthread_cond_signal(&queue->not_full);
	}
	pthread_mutex_unlock(&queue->lock);
	return rc;
}

void ss_queue_close(ss_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	pthread_cond_broadcast(&queue->not_empty);
	pthread_cond_broadcast(&queue->not_full);
	pthread_mutex_unlock(&queue->lock);
}

size_t ss_queue_len(ss_queue *queue)
{
	size_t len;

	pthread_mutex_lock(&queue->lock);
	len = queue->len;
	pthread_mutex_unlock(&queue->lock);
	return len;
}
