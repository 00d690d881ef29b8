/*
 * The bounded queue, alone and between threads; to be run under ThreadSanitizer too.
 */
#include "common/queue.h"
#include "common/timeutil.h"
#include "tests/c/tap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#define PRODUCERS 4
#define CONSUMERS 3
#define ITEMS 20000

static void test_alone(void)
{
	ss_queue *queue = ss_queue_new(2);
	void *item = NULL;
	long long start;

	tap_ok(ss_queue_new(0) == NULL, "a queue holds at least one");
	tap_is_int(ss_queue_pop(queue, &item, 0), 1, "an empty one has nothing");
	start = ss_time_monotonic_ms();
	tap_is_int(ss_queue_pop(queue, &item, 30), 1, "nor after a while");
	tap_ok(ss_time_monotonic_ms() - start >= 29, "which it waited");
	tap_is_int(ss_queue_push(queue, "a", 0), 0, "first");
	tap_is_int(ss_queue_push(queue, "b", 0), 0, "second");
	tap_is_int(ss_queue_push(queue, "c", 10), 1, "a full one takes no more");
	tap_ok(ss_queue_pop(queue, &item, 0) == 0 && strcmp(item, "a") == 0, "first in, first out");
	tap_is_int(ss_queue_push(queue, "c", -1), 0, "there is room again");
	tap_is_int((long long)ss_queue_len(queue), 2, "two are there");
	tap_ok(ss_queue_pop(queue, &item, -1) == 0 && strcmp(item, "b") == 0, "the second");
	tap_ok(ss_queue_pop(queue, &item, -1) == 0 && strcmp(item, "c") == 0,
		"and the third in their order");
	tap_is_int(ss_queue_pop(queue, &item, 0), 1, "then there is nothing");
	tap_is_int(ss_queue_push(queue, "d", 0), 0, "one more");
	ss_queue_close(queue);
	ss_queue_close(queue);
	tap_is_int(ss_queue_push(queue, "e", 0), -1, "a closed one takes nothing");
	tap_is_int(ss_queue_pop(queue, &item, -1), 0, "and gives what it has");
	tap_is_int(ss_queue_pop(queue, &item, -1), -1, "and then ends");
	tap_is_int(ss_queue_pop(queue, &item, 0), -1, "for all");
	ss_queue_free(queue);
	ss_queue_free(NULL);
}

typedef struct work
{
	ss_queue *queue;
	atomic_llong sum;
	atomic_int count;
} work;

static void *produce(void *context)
{
	work *shared = context;

	for (intptr_t i = 1; i <= ITEMS; i++)
	{
		if (ss_queue_push(shared->queue, (void *)i, -1) != 0)
			return NULL;
	}
	return NULL;
}

static void *consume(void *context)
{
	work *shared = context;
	void *item = NULL;
	int got;

	while ((got = ss_queue_pop(shared->queue, &item, 50)) >= 0)
	{
		if (got == 0)
		{
			atomic_fetch_add(&shared->sum, (intptr_t)item);
			atomic_fetch_add(&shared->count, 1);
		}
	}
	return NULL;
}

static void test_threads(void)
{
	work shared = {.queue = ss_queue_new(16)};
	pthread_t producers[PRODUCERS];
	pthread_t consumers[CONSUMERS];

	for (int i = 0; i < CONSUMERS; i++)
		pthread_create(&consumers[i], NULL, consume, &shared);
	for (int i = 0; i < PRODUCERS; i++)
		pthread_create(&producers[i], NULL, produce, &shared);
	for (int i = 0; i < PRODUCERS; i++)
		pthread_join(producers[i], NULL);
	ss_queue_close(shared.queue);
	for (int i = 0; i < CONSUMERS; i++)
		pthread_join(consumers[i], NULL);
	tap_is_int(atomic_load(&shared.count), PRODUCERS * ITEMS, "each item arrives once");
	tap_is_int(atomic_load(&shared.sum), (long long)PRODUCERS * ITEMS * (ITEMS + 1) / 2,
		"and is what was sent");
	ss_queue_free(shared.queue);
}

static void *close_later(void *context)
{
	ss_time_sleep_ms(30);
	ss_queue_close(context);
	return NULL;
}

static void test_close_wakes(void)
{
	ss_queue *queue = ss_queue_new(1);
	pthread_t thread;
	void *item;

	pthread_create(&thread, NULL, close_later, queue);
	tap_is_int(ss_queue_pop(queue, &item, -1), -1, "closing wakes who waits for an item");
	pthread_join(thread, NULL);
	ss_queue_free(queue);
	queue = ss_queue_new(1);
	tap_is_int(ss_queue_push(queue, "x", 0), 0, "a full queue");
	pthread_create(&thread, NULL, close_later, queue);
	tap_is_int(ss_queue_push(queue, "y", -1), -1, "closing wakes who waits for room");
	pthread_join(thread, NULL);
	ss_queue_free(queue);
}

int main(void)
{
	test_alone();
	test_threads();
	test_close_wakes();
	return tap_done();
}
