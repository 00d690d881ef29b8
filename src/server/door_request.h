/* door_request: whose is a connection, told from the first bytes of it. Pure; any thread. */
#ifndef STREAMSPACE_SERVER_DOOR_REQUEST_H
#define STREAMSPACE_SERVER_DOOR_REQUEST_H

#include <stddef.h>

#include "server/socket_class.h"

/* The longest head that may be looked at; a request for a WebSocket must fit. */
#define DOOR_HEAD_MAX 8192

typedef enum door_class
{
	DOOR_MORE,      /* more bytes are needed to tell */
	DOOR_HTTP,      /* libmicrohttpd's */
	DOOR_SOCKET,    /* a WebSocket of a class of ours; the whole head is there */
	DOOR_MALFORMED, /* the first line is none of HTTP/1.x: libmicrohttpd would answer no problem */
	DOOR_VERSION,   /* another version of HTTP */
} door_class;

/* buf: what can be peeked at, up to DOOR_HEAD_MAX bytes. DOOR_SOCKET sets length and class. */
door_class door_classify(
	const char *buf, size_t len, door_side side, size_t *ret_head_len, socket_class *ret_class);

#endif
