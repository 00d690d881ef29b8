/* door_request: whose is a connection, told from the first bytes of it. Pure; any thread. */
#ifndef STREAMSPACE_SERVER_DOOR_REQUEST_H
#define STREAMSPACE_SERVER_DOOR_REQUEST_H

#include <stddef.h>

/* The longest head that may be looked at; an agent's request must fit. */
#define DOOR_HEAD_MAX 8192

typedef enum door_class
{
	DOOR_MORE,      /* more bytes are needed to tell */
	DOOR_HTTP,      /* libmicrohttpd's */
	DOOR_AGENT,     /* an agent's WebSocket; the whole head is there */
	DOOR_MALFORMED, /* the first line is none of HTTP/1.x: libmicrohttpd would answer no problem */
	DOOR_VERSION,   /* another version of HTTP */
} door_class;

/* buf: what can be peeked at, up to DOOR_HEAD_MAX bytes. DOOR_AGENT sets *ret_head_len. */
door_class door_classify(const char *buf, size_t len, size_t *ret_head_len);

#endif
