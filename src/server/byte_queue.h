/*
 * byte_queue: bytes that wait to be written to a socket, in pieces that can be written in place:
 * before each there is room for what a protocol puts in front. Pure; one thread at a time.
 */
#ifndef STREAMSPACE_SERVER_BYTE_QUEUE_H
#define STREAMSPACE_SERVER_BYTE_QUEUE_H

#include <stddef.h>

#include "common/error.h"

/* Bytes in front of a piece that may be overwritten. */
#define BYTE_QUEUE_HEAD 32
/* The longest piece: so much goes out by one call when much waits. */
#define BYTE_QUEUE_PIECE 65536

typedef struct byte_chunk byte_chunk;

typedef struct byte_queue
{
	byte_chunk *first, *last;
	size_t len;
} byte_queue;

/* Appends a copy. -1: no memory, the queue is as it was. */
int byte_queue_put(byte_queue *q, const unsigned char *data, size_t len) SS_MUST_CHECK;

/* The first bytes, at most max and at most a piece; NULL: empty. Good until the next call. */
unsigned char *byte_queue_peek(byte_queue *q, size_t max, size_t *ret_len);

/* Forgets n bytes that were peeked at. */
void byte_queue_take(byte_queue *q, size_t n);

void byte_queue_clear(byte_queue *q);

#endif
