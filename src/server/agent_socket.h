/*
 * agent_socket: how libwebsockets calls us for agents' sockets. Loop thread only.
 */
#ifndef STREAMSPACE_SERVER_AGENT_SOCKET_H
#define STREAMSPACE_SERVER_AGENT_SOCKET_H

#include <libwebsockets.h>

/* The socket_owner.callback of agents' sockets. */
int agent_socket_callback(
	void *self, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len);

#endif
