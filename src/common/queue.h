/*
 * queue: a bounded first-in-first-out queue of pointers between threads (mutex and condition).
 *
 * Any number of producers and consumers. Items are not owned by the queue: who closes it
 * drains it with ss_queue_pop() before ss_queue_free().
 */
#ifndef SS_COMMON_QUEUE_H
#define SS_COMMON_QUEUE_H

#include "common/error.h"

typedef struct ss_queue ss_queue;

/* NULL: no memory. capacity >= 1. */
ss_queue *ss_queue_new(size_t capacity) SS_MUST_CHECK;

/* Nobody may use the queue any more. NULL is allowed. */
void ss_queue_free(ss_queue *queue);

/*
 * timeout_ms: 0 does not wait, < 0 waits without limit. item must not be NULL.
 * 0: queued. 1: still full. -1: closed. The item stays the caller's unless 0.
 */
int ss_queue_push(ss_queue *queue, void *item, int timeout_ms) SS_MUST_CHECK;

/* 0 and *ret set. 1: nothing within the time. -1: closed and empty. */
int ss_queue_pop(ss_queue *queue, void **ret, int timeout_ms) SS_MUST_CHECK;

/* No push succeeds any more; pops still drain. Everybody who waits is woken. Idempotent. */
void ss_queue_close(ss_queue *queue);

size_t ss_queue_len(ss_queue *queue);

#endif
