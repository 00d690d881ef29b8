/*
 * door: the one public port, and the internal one. A thread accepts, looks at the first bytes
 * without taking them, and hands the socket to libmicrohttpd or to the dispatcher. It answers by
 * itself only when there is no room (503), and never closes what it has handed over.
 */
#ifndef STREAMSPACE_SERVER_DOOR_H
#define STREAMSPACE_SERVER_DOOR_H

#include "common/error.h"
#include "server/server.h"
#include "server/socket_class.h"

/* Time in which a client must show its request line (an agent: its whole request head). */
#define DOOR_PATIENCE_MS 5000

typedef struct door_config
{
	door_side side;
	int listen_fd;         /* listening, non-blocking */
	httpd *http;           /* gets what is no socket of a class */
	long long max_pending; /* connections that have not shown what they want */
} door_config;

/* Starts the thread; config->listen_fd is the door's from the call on. */
int door_start(server *server, const door_config *config, door **ret, ss_error *err) SS_MUST_CHECK;

/*
 * Takes what has been connected already, closes the port and everything that has not shown what
 * it wants, and ends the thread. The door stays readable; door_free() frees it.
 */
void door_stop(door *d);
void door_free(door *d);

/* Connections that have not shown what they want. Any thread. */
int door_pending(const door *d);

#endif
