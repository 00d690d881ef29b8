/*
 * socket_admit: from a socket that asks for a WebSocket of a class to an admitted one.
 *
 * A bounded queue and threads of its own, so that the loop never waits for the database and agents'
 * commands never wait for viewers. An offer is owned by exactly one place at a time: the queue, an
 * admission thread, or an event of the loop.
 */
#ifndef STREAMSPACE_SERVER_SOCKET_ADMIT_H
#define STREAMSPACE_SERVER_SOCKET_ADMIT_H

#include <libwebsockets.h>

#include "server/client_address.h"
#include "server/dispatch_internal.h"
#include "server/socket_head.h"

typedef struct socket_offer
{
	dispatch *d;
	socket_class class;
	int fd;
	client_address peer; /* of the connection; socket_offer_address() looks behind proxies */
	socket_head head;    /* points into text */
	void *admitted;      /* what the class's admit() found out; freed by its drop() */
	size_t len;
	char text[]; /* as it was peeked */
} socket_offer;

/*
 * What libwebsockets hands to a callback: part of the object that owns the socket.
 *
 * There is one virtual host and one callback for the sockets of all classes: libwebsockets binds a
 * socket anew by the header Host, which is the peer's, so that nothing may depend on the host that
 * it was adopted to.
 */
typedef struct socket_owner
{
	void *self;
	int (*callback)(
		void *self, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len);
	bool adopting;  /* inside socket_adopt(): self must not be freed there */
	bool destroyed; /* WSI_DESTROY came */
} socket_owner;

/* A class of sockets. All of it is constant. */
typedef struct socket_handler
{
	const char *name;        /* the area of its lines in the log */
	const char *subprotocol; /* one of those that may be offered; NULL: none may be */
	/* Admission thread; may ask the database. 0: admitted, offer->admitted set. -1: refused. */
	int (*admit)(dispatch *d, socket_offer *offer, ss_error *err);
	/* Loop thread: makes the connection and gives it the socket, by socket_adopt(). */
	void (*open)(dispatch *d, socket_offer *offer);
	/* Any thread: admitted, but never opened, or the rest of it after open(). May be NULL. */
	void (*drop)(socket_offer *offer);
} socket_handler;

/* In socket_vhost.c; [SOCKET_AGENT] is NULL. */
extern const socket_handler *const socket_handlers[SOCKET_CLASSES];

int socket_admission_start(dispatch *d, ss_error *err) SS_MUST_CHECK;

/* Refuses what waits (shutting_down), joins the threads. Further offers are refused. */
void socket_admission_stop(dispatch *d);

/* Frees what stop left; the loop has ended. */
void socket_admission_free(dispatch *d);

/* Any thread; never blocks. 0: queued; -1: refused and freed. */
int socket_admission_offer(dispatch *d, socket_offer *offer);

/* Offers that wait. Any thread. */
long long socket_admission_waiting(dispatch *d);

/* Whose socket it is, as text; X-Forwarded-For counts when the peer is a trusted proxy. */
const char *socket_offer_address(const socket_offer *offer, char buf[CLIENT_ADDRESS_TEXT]);

/* Drops, closes and frees it. NULL is allowed. */
void socket_offer_free(socket_offer *offer);

/*
 * Loop thread: gives a socket to libwebsockets. NULL: it has closed it. WSI_DESTROY may have come
 * already when this returns: see owner->destroyed.
 */
struct lws *socket_adopt(dispatch *d, socket_offer *offer, socket_owner *owner);
struct lws *socket_adopt_fd(dispatch *d, int fd, socket_owner *owner);  /* a WebSocket's */
struct lws *socket_adopt_raw(dispatch *d, int fd, socket_owner *owner); /* plain bytes */

/* The callback of every socket: calls its owner's. */
int socket_callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

#endif
