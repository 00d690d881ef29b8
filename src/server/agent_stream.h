/*
 * agent_stream: one stream on an agent's stream socket: the far end of a viewer. Loop thread only.
 */
#ifndef STREAMSPACE_SERVER_AGENT_STREAM_H
#define STREAMSPACE_SERVER_AGENT_STREAM_H

#include <stdint.h>

#include "common/stream_frame.h"
#include "server/stream_end.h"

struct lws;
struct stream_socket;

typedef struct agent_stream
{
	stream_end end; /* first: an end is cast back to its stream */
	struct stream_socket *socket;
	struct agent_stream *next;                    /* in its bucket */
	struct agent_stream *ready_next, *ready_prev; /* in turn to send */
	bool ready;
	uint32_t id;
	bool opened;       /* the agent said OPENED */
	bool open_due;     /* OPEN is to be sent */
	bool finishing;    /* the viewer is gone: send what waits, then CLOSE */
	bool close_due;    /* CLOSE is to be sent next, whatever waits */
	bool close_sent;   /* only the agent's CLOSE is missing */
	uint32_t may_send; /* credit from the agent */
	uint32_t granted;  /* what the agent may still send */
	uint32_t owed;     /* written to the viewer, not yet granted again */
	long long by_ms;   /* of the state it is in; 0: none */
	char session[64];
	char reason[SS_STREAM_REASON_MAX + 1];
} agent_stream;

/* NULL: no memory. */
agent_stream *agent_stream_new(
	struct stream_socket *socket, uint32_t id, const char *session) SS_MUST_CHECK;

/* A frame of the agent for this stream; may free it. Code invalid_frame: the socket must end. */
int agent_stream_take(agent_stream *s, const ss_stream_frame *frame, ss_error *err) SS_MUST_CHECK;

/*
 * Writes the next frame. 0: nothing was left to do, it is not in turn any more, or gone. 1: a frame
 * is written. -1: the socket is broken.
 */
int agent_stream_write(agent_stream *s, struct lws *wsi) SS_MUST_CHECK;

/* Whether it has something that may be sent now. */
bool agent_stream_is_due(const agent_stream *s);

/* The socket is gone, or the stream: tells the near end, and frees it. */
void agent_stream_end(agent_stream *s, const char *reason);

void agent_stream_tick(agent_stream *s, long long now_ms);

#endif
