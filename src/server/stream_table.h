/*
 * stream_table: the viewers, relays and agents' stream sockets of this server. Loop thread only,
 * but for the memory that streams reserve, which any thread may ask for.
 */
#ifndef STREAMSPACE_SERVER_STREAM_TABLE_H
#define STREAMSPACE_SERVER_STREAM_TABLE_H

#include "server/dispatch_internal.h"

typedef struct viewer_conn viewer_conn;
typedef struct relay_conn relay_conn;
typedef struct stream_socket stream_socket;

#define STREAM_TABLE_BUCKETS 1024

struct stream_table
{
	viewer_conn *viewers; /* linked by next, prev */
	relay_conn *relays;
	stream_socket *sockets[STREAM_TABLE_BUCKETS]; /* by agent, linked by next */
};

stream_table *stream_table_new(void) SS_MUST_CHECK;
void stream_table_free(stream_table *table);

/* NULL: the agent's socket is not here. */
stream_socket *stream_table_find(stream_table *table, const char *agent);
void stream_table_add(stream_table *table, stream_socket *socket);
void stream_table_remove(stream_table *table, stream_socket *socket);

/* Time-outs of all; called a few times a second. */
void stream_table_tick(dispatch *d, long long now_ms);

/* Ends all: the server stops. */
void stream_table_say_goodbye(dispatch *d);

/* What one stream may hold is set aside before it opens. False: there is no room. Any thread. */
bool stream_reserve(dispatch *d) SS_MUST_CHECK;
void stream_release(dispatch *d);

#endif
