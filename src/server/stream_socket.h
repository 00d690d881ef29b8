/*
 * stream_socket: the binary WebSocket of one agent that carries the streams to its sessions.
 * Loop thread only, but for the handler's admit(). Frames: common/stream_frame.h.
 *
 * It is never stopped from reading: what an agent may send is bounded by the credit that each
 * stream has granted it. What is to be sent are flags and queues of its streams, served in turn, so
 * that no stream waits for another's bytes.
 */
#ifndef STREAMSPACE_SERVER_STREAM_SOCKET_H
#define STREAMSPACE_SERVER_STREAM_SOCKET_H

#include "server/agent_stream.h"
#include "server/socket_admit.h"
#include "server/stream_table.h"

struct stream_socket
{
	stream_socket *next; /* in stream_table */
	dispatch *d;
	struct lws *wsi;
	socket_owner owner;
	bool live; /* in stream_table */
	bool established, closing;
	char agent[AGENT_ID_SIZE];
	long long number; /* of the socket, by the database */
	long long opened_ms, heard_ms, pinged_ms, wrote_ms;
	bool ping_due;
	/* streams */
	uint32_t last_id;
	size_t count;
	agent_stream **buckets; /* by id, a power of two of them */
	size_t bucket_count;
	agent_stream *ready_first, *ready_last; /* have something to send */
	/* a message that arrives in pieces */
	unsigned char *rx;
	size_t rx_len;
	/* what the peer is told at the end */
	int close_code;
	char close_reason[AGENT_REASON_SIZE];
};

extern const socket_handler stream_socket_handler;

/* A stream to a session of this agent, joined to its near end. Codes: too_many_streams, agent_lost,
 * overloaded. */
int stream_socket_open(
	stream_socket *s, const char *session, stream_end *near, ss_error *err) SS_MUST_CHECK;

/* The stream has something to send. */
void stream_socket_want(stream_socket *s, agent_stream *stream);

/* Out of the socket's lists; the caller frees it. */
void stream_socket_forget(stream_socket *s, agent_stream *stream);

void stream_socket_shut(stream_socket *s, int code, const char *reason);
void stream_socket_tick(stream_socket *s, long long now_ms);

#endif
