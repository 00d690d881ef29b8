/*
 * event_sse: a stream of events as server-sent events (HTML Living Standard, 9.2), the body of an
 * answer of libmicrohttpd that ends when the stream does.
 *
 * The library neither times out nor notices the end of a suspended connection. So each is woken
 * for a sign of life now and then, and a reader who takes nothing is told by the hub's clock.
 */
#ifndef STREAMSPACE_SERVER_EVENT_SSE_H
#define STREAMSPACE_SERVER_EVENT_SSE_H

#include <microhttpd.h>

#include "server/event_hub.h"
#include "server/httpd.h"

typedef struct event_sse event_sse;

/* Takes the subscriber, whatever it returns; NULL: no memory. From the connection's HTTP thread. */
event_sse *event_sse_new(
	event_subscriber *subscriber, struct MHD_Connection *connection, httpd_conn *conn);

/* The response that reads from it; it must live until the request has completed. */
struct MHD_Response *event_sse_response(event_sse *sse);

/* The connection has nothing to do with it any more. From its HTTP thread. */
void event_sse_leave(event_sse *sse);

/* NULL is allowed. */
void event_sse_free(event_sse *sse);

#endif
