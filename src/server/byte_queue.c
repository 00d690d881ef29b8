/* byte_queue: a list of chunks; small pieces share one. */
#include "server/byte_queue.h"

#include <stdlib.h>
#include <string.h>

#define SMALL 2048
#define MIDDLE 16384

struct byte_chunk
{
	byte_chunk *next;
	size_t start, end, capacity;
	unsigned char room[]; /* BYTE_QUEUE_HEAD + capacity */
};

/* What comes one by one takes little; the more waits already, the larger are the pieces. */
static byte_chunk *new_chunk(size_t wanted, size_t waiting)
{
	size_t capacity = waiting >= MIDDLE                 ? BYTE_QUEUE_PIECE
					  : wanted <= SMALL && waiting == 0 ? SMALL
														: MIDDLE;
	byte_chunk *chunk = malloc(sizeof(*chunk) + BYTE_QUEUE_HEAD + capacity);

	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->start = chunk->end = 0;
	chunk->capacity = capacity;
	return chunk;
}

static void free_chunks(byte_chunk *chunk)
{
	for (byte_chunk *next; chunk; chunk = next)
	{
		next = chunk->next;
		free(chunk);
	}
}

/* As many chunks as hold len bytes; NULL: no memory. */
static byte_chunk *new_chunks(size_t len, size_t waiting)
{
	byte_chunk *first = NULL, **end = &first;

	for (size_t left = len; left > 0; left -= left < (*end)->capacity ? left : (*end)->capacity)
	{
		if (*end)
			end = &(*end)->next;
		*end = new_chunk(left, waiting + len - left);
		if (!*end)
		{
			free_chunks(first);
			return NULL;
		}
	}
	return first;
}

static size_t fill(byte_chunk *chunk, const unsigned char *data, size_t len)
{
	size_t room = chunk->capacity - chunk->end;
	size_t n = len < room ? len : room;

	memcpy(chunk->room + BYTE_QUEUE_HEAD + chunk->end, data, n);
	chunk->end += n;
	return n;
}

int byte_queue_put(byte_queue *q, const unsigned char *data, size_t len)
{
	size_t room = q->last ? q->last->capacity - q->last->end : 0;
	byte_chunk *more = NULL;

	if (len == 0)
		return 0;
	if (len > room && !(more = new_chunks(len - room, q->len + room)))
		return -1;
	q->len += len;
	if (room > 0)
	{
		size_t n = fill(q->last, data, len);

		data += n;
		len -= n;
	}
	if (!more)
		return 0;
	if (q->last)
		q->last->next = more;
	else
		q->first = more;
	for (byte_chunk *chunk = more; chunk; chunk = chunk->next)
	{
		size_t n = fill(chunk, data, len);

		data += n;
		len -= n;
		q->last = chunk;
	}
	return 0;
}

unsigned char *byte_queue_peek(byte_queue *q, size_t max, size_t *ret_len)
{
	byte_chunk *chunk = q->first;

	if (!chunk || max == 0)
		return NULL;
	size_t have = chunk->end - chunk->start;

	*ret_len = have < max ? have : max;
	return chunk->room + BYTE_QUEUE_HEAD + chunk->start;
}

void byte_queue_take(byte_queue *q, size_t n)
{
	while (n > 0 && q->first)
	{
		byte_chunk *chunk = q->first;
		size_t have = chunk->end - chunk->start;
		size_t now = n < have ? n : have;

		chunk->start += now;
		q->len -= now;
		n -= now;
		if (chunk->start < chunk->end)
			return;
		q->first = chunk->next;
		if (!q->first)
			q->last = NULL;
		free(chunk);
	}
}

void byte_queue_clear(byte_queue *q)
{
	free_chunks(q->first);
	*q = (byte_queue){0};
}
