/*
 * rfb_client: follows what a viewer's client says (RFC 6143 and the extensions that noVNC speaks)
 * by type and length only, and says which bytes may go on to the desktop. Pure, no I/O; one thread
 * at a time.
 *
 * A message is passed on whole or dropped whole: its head is kept until it is known. So the
 * desktop sees nothing but whole messages of types that are allowed, however the bytes were cut,
 * and a client that may only look has no way to hide input in something else. Whatever is not
 * known ends the stream.
 */
#ifndef STREAMSPACE_SERVER_RFB_CLIENT_H
#define STREAMSPACE_SERVER_RFB_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RFB_CLIENT_HEAD 16

typedef enum rfb_client_state
{
	RFB_CLIENT_VERSION,  /* ProtocolVersion */
	RFB_CLIENT_SECURITY, /* the choice of a security type */
	RFB_CLIENT_RESPONSE, /* to the challenge of VNC authentication */
	RFB_CLIENT_INIT,     /* ClientInit */
	RFB_CLIENT_MESSAGE,
	RFB_CLIENT_BODY, /* what follows the head of a message */
	RFB_CLIENT_BROKEN,
} rfb_client_state;

typedef struct rfb_client
{
	rfb_client_state state;
	bool control;              /* input may pass */
	bool pass;                 /* the body goes on */
	bool input;                /* the body is of real input */
	unsigned long long inputs; /* messages of real input that were passed on */
	uint32_t max_message;
	uint32_t left; /* of the body */
	size_t have;   /* of the head */
	unsigned char head[RFB_CLIENT_HEAD];
} rfb_client;

void rfb_client_init(rfb_client *c, bool control, uint32_t max_message);

/*
 * Goes on through len bytes. Takes some of them (*ret_taken, at least 1 of len > 0) and sets *ret
 * and *ret_len to what may go on to the desktop now: nothing (0), a part of `data`, or c->head,
 * good until the next call. Call until all are taken. 0; -1: malformed, for good.
 */
int rfb_client_feed(rfb_client *c, const unsigned char *data, size_t len, size_t *ret_taken,
	const unsigned char **ret, size_t *ret_len) __attribute__((warn_unused_result));

#endif
