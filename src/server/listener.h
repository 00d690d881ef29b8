/*
 * listener: the LISTEN connection to PostgreSQL.
 *
 * A thread of its own connects (that may block), the loop then watches a duplicate of the socket,
 * and when the connection breaks the thread connects again, with back-off. LISTEN first, then a
 * claim for everybody: what was rung before is found by reading. Without it commands still arrive,
 * by the claimer's poll.
 */
#ifndef STREAMSPACE_SERVER_LISTENER_H
#define STREAMSPACE_SERVER_LISTENER_H

#include <libpq-fe.h>

#include "server/dispatch_internal.h"

struct lws;

int listener_start(dispatch *d, ss_error *err) SS_MUST_CHECK;

/* Ends and joins the thread; the loop may still hold a connection. */
void listener_stop(dispatch *d);

/* When the loop has ended. */
void listener_free(dispatch *d);

/* Loop only: watch this connection. Takes it. */
void listener_watch(dispatch *d, PGconn *conn);

/* Loop only: there is something to read. -1: the connection is broken, close the socket. */
int listener_read(dispatch *d) SS_MUST_CHECK;

/* Loop only: a round of the loop has passed (LOOP_STEP). */
void listener_step(dispatch *d);

/* Loop only: the watched socket is closed. */
void listener_lose(dispatch *d);

#endif
