/*
 * socket_class: the kinds of sockets that are not libmicrohttpd's. Pure; any thread.
 *
 * The front door tells a class by the request line, an admission thread decides before the
 * upgrade, and the loop gives an admitted socket to the class's own vhost of libwebsockets.
 * A class is: a word here, a row in socket_class.c, and a socket_handler (socket_admit.h) in
 * socket_handlers[] of socket_vhost.c.
 */
#ifndef STREAMSPACE_SERVER_SOCKET_CLASS_H
#define STREAMSPACE_SERVER_SOCKET_CLASS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum socket_class
{
	SOCKET_AGENT,  /* commands of an agent: agent_admit.c */
	SOCKET_STREAM, /* streams to an agent's sessions: stream_socket.c */
	SOCKET_VIEWER, /* a browser that looks at a session: viewer_conn.c */
	SOCKET_RELAY,  /* another server, for one of its viewers: relay_conn.c */
	SOCKET_EVENTS, /* a stream of events: event_socket.c */
	SOCKET_CLASSES,
} socket_class;

/* Which listener a connection came in by. */
typedef enum door_side
{
	DOOR_PUBLIC,
	DOOR_INTERNAL,
} door_side;

typedef struct socket_path
{
	const char *path; /* ends in '/': a prefix with one more part behind it */
	door_side side;
	const char *upgrade; /* what the header Upgrade must name */
} socket_path;

extern const socket_path socket_paths[SOCKET_CLASSES];

/* The class of `GET TARGET …`, told by the path of the target; SOCKET_CLASSES: none. */
socket_class socket_class_find(const char *line, size_t len, door_side side);

#endif
