/* stream_table: see stream_table.h. */
#include "server/stream_table.h"

#include <stdlib.h>
#include <string.h>

#include "server/relay_conn.h"
#include "server/stream_socket.h"
#include "server/viewer_conn.h"

stream_table *stream_table_new(void)
{
	return calloc(1, sizeof(stream_table));
}

void stream_table_free(stream_table *table)
{
	free(table);
}

static stream_socket **bucket_of(stream_table *table, const char *agent)
{
	unsigned hash = 5381;

	for (; *agent; agent++)
		hash = hash * 33 + (unsigned char)*agent;
	return &table->sockets[hash % STREAM_TABLE_BUCKETS];
}

stream_socket *stream_table_find(stream_table *table, const char *agent)
{
	stream_socket *at = *bucket_of(table, agent);

	while (at && strcmp(at->agent, agent) != 0)
		at = at->next;
	return at;
}

void stream_table_add(stream_table *table, stream_socket *socket)
{
	stream_socket **bucket = bucket_of(table, socket->agent);

	socket->next = *bucket;
	*bucket = socket;
}

void stream_table_remove(stream_table *table, stream_socket *socket)
{
	stream_socket **at = bucket_of(table, socket->agent);

	while (*at && *at != socket)
		at = &(*at)->next;
	if (*at)
		*at = socket->next;
	socket->next = NULL;
}

void stream_table_tick(dispatch *d, long long now_ms)
{
	stream_table *table = d->streams;

	/* One that is shut leaves the table; nothing is freed before its socket is destroyed. */
	for (viewer_conn *viewer = table->viewers, *next; viewer; viewer = next)
	{
		next = viewer->next;
		viewer_conn_tick(viewer, now_ms);
	}
	for (relay_conn *relay = table->relays; relay; relay = relay->next)
		relay_conn_tick(relay, now_ms);
	for (int i = 0; i < STREAM_TABLE_BUCKETS; i++)
		for (stream_socket *at = table->sockets[i], *next; at; at = next)
		{
			next = at->next;
			stream_socket_tick(at, now_ms);
		}
}

void stream_table_say_goodbye(dispatch *d)
{
	stream_table *table = d->streams;

	for (viewer_conn *viewer = table->viewers, *next; viewer; viewer = next)
	{
		next = viewer->next;
		viewer_conn_shut(viewer, LWS_CLOSE_STATUS_GOINGAWAY, "shutting_down");
	}
	for (relay_conn *relay = table->relays; relay; relay = relay->next)
		relay_conn_shut(relay);
	for (int i = 0; i < STREAM_TABLE_BUCKETS; i++)
		for (stream_socket *at = table->sockets[i], *next; at; at = next)
		{
			next = at->next;
			stream_socket_shut(at, LWS_CLOSE_STATUS_GOINGAWAY, "shutdown");
		}
}

static long long share_of(const dispatch *d)
{
	return d->cfg.stream_credit + d->cfg.stream_input_bytes;
}

bool stream_reserve(dispatch *d)
{
	long long before = atomic_fetch_add(&d->stream_reserved, share_of(d));

	if (before + share_of(d) <= d->cfg.stream_memory)
		return true;
	stream_release(d);
	return false;
}

void stream_release(dispatch *d)
{
	atomic_fetch_sub(&d->stream_reserved, share_of(d));
}
