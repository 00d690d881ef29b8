/*
 * socket_head: the request head by which a peer asks for a WebSocket, or for the upgrade that its
 * class names. Pure; any thread. What is repeated, folded or unterminated is refused, so that
 * nobody behind us can read it differently.
 */
#ifndef STREAMSPACE_SERVER_SOCKET_HEAD_H
#define STREAMSPACE_SERVER_SOCKET_HEAD_H

#include "common/error.h"
#include "server/socket_class.h"

typedef struct socket_text
{
	const char *at; /* not terminated; NULL: absent */
	size_t len;
} socket_text;

/* The headers that matter. Each may stand once, but the last X-Forwarded-For of several counts. */
typedef enum socket_field
{
	SOCKET_FIELD_HOST,
	SOCKET_FIELD_ORIGIN,
	SOCKET_FIELD_COOKIE,
	SOCKET_FIELD_AUTHORIZATION,
	SOCKET_FIELD_AGENT_KEY,
	SOCKET_FIELD_RELAY_TICKET,
	SOCKET_FIELD_FORWARDED_FOR,
	SOCKET_FIELD_UPGRADE,
	SOCKET_FIELD_CONNECTION,
	SOCKET_FIELD_KEY,
	SOCKET_FIELD_VERSION,
	SOCKET_FIELD_PROTOCOL,
	SOCKET_FIELD_LENGTH,
	SOCKET_FIELD_ENCODING,
	SOCKET_FIELDS,
} socket_field;

typedef struct socket_head
{
	socket_text path;  /* as it was sent */
	socket_text query; /* without '?'; .at NULL: none */
	socket_text field[SOCKET_FIELDS];
} socket_head;

/*
 * Parses a whole head, request line to empty line; *ret points into it. With upgrade "websocket"
 * the handshake of RFC 6455 is checked too. Codes: invalid_argument, method_not_allowed,
 * upgrade_required.
 */
int socket_head_parse(const char *head, size_t len, const char *upgrade, socket_head *ret,
	ss_error *err) SS_MUST_CHECK;

/*
 * The decoded value of a parameter of the query: 1 to size - 1 visible ASCII characters, once.
 * 0: *ret set. 1: absent. Code invalid_argument.
 */
int socket_head_query(
	const socket_head *head, const char *name, char *ret, size_t size, ss_error *err) SS_MUST_CHECK;

/* Copies a header, NUL-terminated. 0; 1: absent; -1: longer than size - 1. */
int socket_head_copy(
	const socket_head *head, socket_field field, char *ret, size_t size) SS_MUST_CHECK;

/* Whether a header's comma-separated list holds the word (any case). */
bool socket_head_lists(const socket_head *head, socket_field field, const char *word);

#endif
