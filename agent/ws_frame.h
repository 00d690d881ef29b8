/*
 * ws_frame: binary messages of a WebSocket's client, put together and masked in place (RFC 6455,
 * 5.2 and 5.3). libwebsockets masks byte by byte and asks the kernel for each key, which was most
 * of what a viewer's pixels cost here. One thread at a time.
 */
#ifndef STREAMSPACE_AGENT_WS_FRAME_H
#define STREAMSPACE_AGENT_WS_FRAME_H

#include <stddef.h>

#include "common/error.h"

/* Room for the head of a message of at most WS_FRAME_MAX bytes. */
#define WS_FRAME_HEAD 8
#define WS_FRAME_MAX 65535

/* Keys that are made ahead. All zero: none yet. */
typedef struct ws_frame_keys
{
	unsigned char bytes[4096];
	size_t left;
} ws_frame_keys;

/*
 * Makes one whole message at buf of the `len` bytes that stand at buf + WS_FRAME_HEAD, in their
 * place. 0: there are no random numbers (err), else the length of all of it.
 */
size_t ws_frame_make(ws_frame_keys *keys, unsigned char *buf, size_t len, ss_error *err);

#endif
