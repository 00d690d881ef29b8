/*
 * viewer_conn: the WebSocket of one browser that looks at a session. Loop thread only, but for the
 * handler's admit().
 *
 * What the browser says goes through rfb_client to the far end; while too much of it waits there,
 * nothing is read from the browser. What comes back is written as the browser takes it.
 */
#ifndef STREAMSPACE_SERVER_VIEWER_CONN_H
#define STREAMSPACE_SERVER_VIEWER_CONN_H

#include "server/rfb_client.h"
#include "server/socket_admit.h"
#include "server/stream_clerk.h"
#include "server/stream_end.h"
#include "server/stream_table.h"

struct viewer_conn
{
	stream_end end; /* first: an end is cast back to its viewer */
	viewer_conn *next, *prev;
	struct lws *wsi;
	socket_owner owner;
	bool established, closing;
	bool held; /* nothing is read */
	bool ping_due;
	rfb_client client;
	viewer_record *record;
	long long opened_ms, heard_ms, pinged_ms, wrote_ms;
	long long end_by_ms; /* the far end is gone; until then a review may say why. 0: it is there */
	int close_code;
	const char *close_reason;
};

extern const socket_handler viewer_conn_handler;

/* Ends it with a close frame. reason must be a constant. */
void viewer_conn_shut(viewer_conn *v, int code, const char *reason);

/* A review says that this one may not go on; connection "": none may. */
void viewer_conn_cut(dispatch *d, const char *connection, const char *reason);

void viewer_conn_tick(viewer_conn *v, long long now_ms);

#endif
