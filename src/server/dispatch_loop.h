/*
 * dispatch_loop: the thread that runs libwebsockets on libev, and the one way into it.
 *
 * dispatch_loop_post() and dispatch_loop_new_event() may be called from any thread; everything
 * else from the thread that starts and stops the dispatcher.
 */
#ifndef STREAMSPACE_SERVER_DISPATCH_LOOP_H
#define STREAMSPACE_SERVER_DISPATCH_LOOP_H

#include <libpq-fe.h>

#include "server/agent_admit.h"
#include "server/agent_frame.h"
#include "server/socket_admit.h"

struct lws_vhost;

typedef enum loop_event_kind
{
	LOOP_ADOPT,   /* offer: its agent is admitted, make its socket a WebSocket */
	LOOP_PROBE,   /* offer: ask the connection that is in its way whether it lives */
	LOOP_OPEN,    /* socket: its peer is admitted, let its class open it */
	LOOP_CUT,     /* agent holds a connection: this viewer ends for the reason text */
	LOOP_LINGER,  /* fd: answered and shut; close it when the peer has, or soon */
	LOOP_SEND,    /* agent, epoch, frame: a claimed command */
	LOOP_CLOSE,   /* agent, epoch, text: cut off with this reason */
	LOOP_EVENTS,  /* streams of events have something to send */
	LOOP_RESUME,  /* the writer has room again */
	LOOP_LISTEN,  /* listener: its connection is up, watch the socket */
	LOOP_STEP,    /* listener: a round of the loop has passed */
	LOOP_GOODBYE, /* goaway to all agents, then close them */
	LOOP_STOP,    /* leave the loop */
	LOOP_EVENT_KINDS,
} loop_event_kind;

typedef struct loop_event
{
	struct loop_event *next;
	loop_event_kind kind;
	agent_offer *offer;   /* owned */
	socket_offer *socket; /* owned */
	agent_frame *frame;   /* owned */
	PGconn *listen;       /* owned */
	int fd;               /* owned; -1: none */
	long long epoch;
	char agent[AGENT_ID_SIZE];
	char text[AGENT_REASON_SIZE];
} loop_event;

/*
 * Names of protocols for descriptors that are no peers' sockets. A peer may name any protocol of
 * the vhost as its subprotocol, but no control character passes the admission.
 */
#define LOOP_LISTEN_PROTOCOL "\001listen"
#define LOOP_LINGER_PROTOCOL "\001linger"

/* Makes context and thread. A missing libev plugin is told by the name of its package. */
int dispatch_loop_start(dispatch *d, ss_error *err) SS_MUST_CHECK;

/* Ends and joins the thread and frees everything. All other threads have ended. */
void dispatch_loop_stop(dispatch *d);

/* NULL: no memory. */
loop_event *dispatch_loop_new_event(loop_event_kind kind) SS_MUST_CHECK;
void dispatch_loop_free_event(loop_event *event);

/* Queues one event, or a list linked by `next`, and wakes the loop. Takes ownership. */
void dispatch_loop_post(dispatch *d, loop_event *events);

/* Waits until all that was posted before is handled, at most timeout_ms. Any thread but the loop.
 */
void dispatch_loop_wait_taken(dispatch *d, int timeout_ms);

/* Loop thread only: the one that agents' sockets and the LISTEN socket belong to. */
struct lws_vhost *dispatch_loop_vhost(dispatch *d);

#endif
