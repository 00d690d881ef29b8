/*
 * stream_end: one of the two ends of a stream through this server. Loop thread only.
 *
 * A stream joins a near end (a viewer, or the server that has the viewer) and a far end (a stream
 * of an agent's socket, or the server that has the agent). Each end is part of the object that owns
 * its socket. Bytes that one end delivers wait in the other's queue `out`; what was written from
 * there is told to the one that delivered it, which so knows when to read on, or to grant credit.
 * Either end may go first; nothing here ever waits.
 */
#ifndef STREAMSPACE_SERVER_STREAM_END_H
#define STREAMSPACE_SERVER_STREAM_END_H

#include <stdbool.h>

#include "server/byte_queue.h"
#include "server/dispatch_internal.h"

typedef struct stream_end stream_end;

typedef struct stream_end_ops
{
	/* There are bytes in `out`. */
	void (*wake)(stream_end *end);
	/* n bytes that this end delivered are out of the server. */
	void (*taken)(stream_end *end, size_t n);
	/* The other end is gone (peer is NULL already): write what is in `out`, then end; at_once:
	 * forget it. reason: a code word. */
	void (*finish)(stream_end *end, const char *reason, bool at_once);
} stream_end_ops;

struct stream_end
{
	const stream_end_ops *ops;
	dispatch *d;
	stream_end *peer; /* NULL: alone */
	byte_queue out;   /* to be written to this end's socket */
};

void stream_end_init(stream_end *end, dispatch *d, const stream_end_ops *ops);

void stream_end_join(stream_end *near, stream_end *far);

/* Bytes from this end's socket, for the other. -1: no memory. Without a peer they are dropped. */
int stream_end_deliver(stream_end *end, const unsigned char *data, size_t len) SS_MUST_CHECK;

/* The first n bytes of `out` are written. */
void stream_end_sent(stream_end *end, size_t n);

/* Forgets what waits, as if it were written. */
void stream_end_discard(stream_end *end);

/* This end is gone: the other hears of it. Idempotent. */
void stream_end_part(stream_end *end, const char *reason, bool at_once);

/* Bytes that wait at the other end. */
size_t stream_end_backlog(const stream_end *end);

#endif
