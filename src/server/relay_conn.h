/*
 * relay_conn: the bytes of one viewer on their way between two servers: a plain TCP connection
 * after an HTTP upgrade (docs/decisions/0023). Loop thread only, but for the handler's admit().
 *
 * Outgoing: the far end of a viewer that is here. Incoming: the near end of a stream of an agent
 * that is here; the other server has checked what its viewer says.
 */
#ifndef STREAMSPACE_SERVER_RELAY_CONN_H
#define STREAMSPACE_SERVER_RELAY_CONN_H

#include "server/socket_admit.h"
#include "server/stream_end.h"
#include "server/stream_table.h"

struct relay_conn
{
	stream_end end; /* first: an end is cast back to its relay */
	relay_conn *next, *prev;
	struct lws *wsi;
	socket_owner owner;
	bool incoming, held, finishing;
	long long wrote_ms; /* 0: nothing waits */
};

extern const socket_handler relay_conn_handler;

/* Makes the far end of a viewer of a dialled connection. Takes fd, whatever it returns. */
int relay_conn_join(dispatch *d, int fd, stream_end *near, ss_error *err) SS_MUST_CHECK;

void relay_conn_shut(relay_conn *r);
void relay_conn_tick(relay_conn *r, long long now_ms);

#endif
