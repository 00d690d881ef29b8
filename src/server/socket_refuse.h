/*
 * socket_refuse: the answer to a peer that gets no WebSocket. Any thread; never blocks.
 */
#ifndef STREAMSPACE_SERVER_SOCKET_REFUSE_H
#define STREAMSPACE_SERVER_SOCKET_REFUSE_H

#include <stddef.h>

#include "server/dispatch_internal.h"

/*
 * Answers with the problem of *err and lets the peer read it; len: bytes of its request, which was
 * only peeked at. *fd is the loop's afterwards (-1), or still the caller's to close.
 */
void socket_refuse(dispatch *d, int *fd, size_t len, const ss_error *err);

/* Reads what was peeked at, without waiting. */
void socket_read_away(int fd, size_t len);

#endif
