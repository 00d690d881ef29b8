/*
 * stream_clerk: the thread that tells the database of viewers and asks it which may go on: every
 * half second while there are any, and at once when something ended. It writes the ends of viewers
 * and of agents' stream sockets too. Any thread may call all of this, unless said otherwise.
 */
#ifndef STREAMSPACE_SERVER_STREAM_CLERK_H
#define STREAMSPACE_SERVER_STREAM_CLERK_H

#include "server/dispatch_internal.h"

#define CONNECTION_ID_SIZE 64

/* A viewer as the database has it. Made when it is admitted; the clerk's own once it is closed. */
typedef struct viewer_record
{
	struct viewer_record *next, *prev;
	char connection[CONNECTION_ID_SIZE];
	atomic_llong received, sent; /* bytes from and to the browser */
	atomic_llong input_ms;       /* monotonic time of the last input that passed; 0: none */
	char reason[AGENT_REASON_SIZE];
} viewer_record;

int stream_clerk_start(dispatch *d, ss_error *err) SS_MUST_CHECK;

/* Writes what is left, at most about a second long, joins the thread and frees all. After the
 * loop has ended. */
void stream_clerk_stop(dispatch *d);

/* NULL: no memory. */
viewer_record *stream_clerk_open(dispatch *d, const char *connection) SS_MUST_CHECK;

/* Consumes the record. */
void stream_clerk_close(dispatch *d, viewer_record *record, const char *reason);

/* An agent's stream socket has ended. */
void stream_clerk_disconnect(dispatch *d, const char *agent, long long stream);

/* Reviews now, not in half a second. */
void stream_clerk_hurry(dispatch *d);

#endif
