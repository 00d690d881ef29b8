/*
 * agent_socket: how libwebsockets calls us for agents' sockets. Loop thread only.
 */
#ifndef STREAMSPACE_SERVER_AGENT_SOCKET_H
#define STREAMSPACE_SERVER_AGENT_SOCKET_H

#include <libwebsockets.h>

/* The callback of the agents' protocol; the vhost's first, so that it also hears of every socket's
 * end. The connection is the socket's opaque user data. */
int agent_socket_callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

#endif
