/*
 * stream_mux: the viewer streams of one socket to the control plane, between its frames
 * (common/stream_frame.h) and the desktops' sockets.
 *
 *   frame in   stream_mux_receive()            desktop's socket   stream_mux_fd(), _poll()
 *   frame out  stream_mux_wants(), _take()     time               stream_mux_tick()
 *
 * A stream that ends is forgotten once its last frame is taken; ids rise, so whatever comes for it
 * later is known to be late. Bytes for the viewer are read from the desktop when a frame is
 * taken, and never before: a socket that takes nothing, or a viewer without credit, stops its
 * desktop, and nothing is kept here. Bytes for the desktop wait in at most `window` bytes a
 * stream; the control plane was given credit for no more.
 *
 * One thread, the one that owns the socket. Nothing here blocks or logs.
 */
#ifndef AGENT_STREAM_MUX_H
#define AGENT_STREAM_MUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/stream_frame.h"

#define STREAM_SESSION_SIZE 64

typedef struct stream_mux_config
{
	size_t max_streams;
	size_t window; /* bytes of one stream that may wait for its desktop */
	int connect_timeout_ms;
	/* As driver_ops.dial; ret_fd NULL: has the session ended? */
	int (*dial)(void *ctx, const char *session_id, int *ret_fd, ss_error *err);
	void *ctx;
} stream_mux_config;

typedef struct stream_mux stream_mux;

int stream_mux_new(const stream_mux_config *config, stream_mux **ret, ss_error *err) SS_MUST_CHECK;
void stream_mux_free(stream_mux *mux);

/* Readable when stream_mux_poll() has something to do. It stays the mux's. */
int stream_mux_fd(const stream_mux *mux);
void stream_mux_poll(stream_mux *mux);

/*
 * Takes one whole frame. -1: it breaks the protocol and the socket has to be closed; err->message
 * says why, in words that the other side may read.
 */
int stream_mux_receive(stream_mux *mux, const void *frame, size_t len, ss_error *err) SS_MUST_CHECK;

/*
 * So many ended streams wait to be told of that no more frames should be read before some are
 * taken. Who reads on all the same is soon a breach, so that nobody fills the agent with OPEN.
 */
bool stream_mux_is_full(const stream_mux *mux);

/* Whether stream_mux_take() may have something. */
bool stream_mux_wants(const stream_mux *mux);
/* The next frame, in buf of SS_STREAM_FRAME_MAX bytes; its length, 0 when there is none. */
size_t stream_mux_take(stream_mux *mux, unsigned char *buf);

/* What time brings: time-outs, sessions that ended. Returns in how many ms to call again. */
int stream_mux_tick(stream_mux *mux, long long now_ms);

/* The socket is gone: all streams end, ids begin anew. */
void stream_mux_reset(stream_mux *mux);

size_t stream_mux_count(const stream_mux *mux);

#endif
