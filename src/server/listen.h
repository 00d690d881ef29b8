/* listen: opening a listening socket from HOST:PORT. Any thread. */
#ifndef STREAMSPACE_SERVER_LISTEN_H
#define STREAMSPACE_SERVER_LISTEN_H

#include "common/error.h"

/*
 * address: "127.0.0.1:8080", "[::1]:8080", ":8080" (all addresses), port 0 for a free one. Sets a
 * non-blocking, close-on-exec socket and the port that it got. Code "listen_failed".
 */
int listen_open(const char *address, int *ret_fd, int *ret_port, ss_error *err) SS_MUST_CHECK;

#endif
