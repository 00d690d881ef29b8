/*
 * event_socket: streams of events as WebSockets. Loop thread only, but for what says otherwise.
 *
 * Messages go one way; whoever sends one is cut off. The bound of what waits is the hub's.
 */
#ifndef STREAMSPACE_SERVER_EVENT_SOCKET_H
#define STREAMSPACE_SERVER_EVENT_SOCKET_H

#include "server/socket_admit.h"

extern const socket_handler event_socket_handler;

/* Some of them have something to send. */
void event_sockets_flush(dispatch *d);

/* Pings, and silence. */
void event_sockets_tick(dispatch *d, long long now_ms);

#endif
