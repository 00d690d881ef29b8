/* stream_socket: birth, frames and end of an agent's stream socket. Loop thread only. */
#include "server/stream_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/timeutil.h"
#include "server/dispatch_loop.h"
#include "server/stream_clerk.h"
#include "server/stream_grant.h"

#define CLOSE_SECONDS 3
#define BUCKETS_FIRST 16
/* Bytes written before other sockets have their turn. */
#define TURN_BYTES 131072

static agent_stream **bucket_of(stream_socket *s, uint32_t id)
{
	return &s->buckets[id & (s->bucket_count - 1)];
}

static agent_stream *find_stream(stream_socket *s, uint32_t id)
{
	agent_stream *at = s->bucket_count ? *bucket_of(s, id) : NULL;

	while (at && at->id != id)
		at = at->next;
	return at;
}

static int grow(stream_socket *s)
{
	size_t count = s->bucket_count ? s->bucket_count * 2 : BUCKETS_FIRST;
	agent_stream **buckets = calloc(count, sizeof(*buckets));

	if (!buckets)
		return -1;
	for (size_t i = 0; i < s->bucket_count; i++)
		for (agent_stream *at = s->buckets[i], *next; at; at = next)
		{
			next = at->next;
			at->next = buckets[at->id & (count - 1)];
			buckets[at->id & (count - 1)] = at;
		}
	free(s->buckets);
	s->buckets = buckets;
	s->bucket_count = count;
	return 0;
}

int stream_socket_open(stream_socket *s, const char *session, stream_end *near, ss_error *err)
{
	if (s->closing || s->last_id == UINT32_MAX)
		return ss_fail(err, "agent_lost", "the agent's stream socket has ended");
	if (s->count >= (size_t)s->d->cfg.stream_max)
		return ss_fail(err, "too_many_streams", "the agent has too many streams");
	if (s->count >= s->bucket_count && grow(s))
		return ss_fail(err, "overloaded", "no memory for a stream");
	agent_stream *stream = agent_stream_new(s, s->last_id + 1, session);

	if (!stream)
		return ss_fail(err, "overloaded", "no memory for a stream");
	s->last_id++;
	s->count++;
	stream->next = *bucket_of(s, stream->id);
	*bucket_of(s, stream->id) = stream;
	stream_end_join(near, &stream->end);
	stream_socket_want(s, stream);
	return 0;
}

static void leave_turn(stream_socket *s, agent_stream *stream)
{
	if (!stream->ready)
		return;
	if (stream->ready_prev)
		stream->ready_prev->ready_next = stream->ready_next;
	else
		s->ready_first = stream->ready_next;
	if (stream->ready_next)
		stream->ready_next->ready_prev = stream->ready_prev;
	else
		s->ready_last = stream->ready_prev;
	stream->ready_next = stream->ready_prev = NULL;
	stream->ready = false;
}

static void enter_turn(stream_socket *s, agent_stream *stream)
{
	stream->ready_prev = s->ready_last;
	stream->ready_next = NULL;
	if (s->ready_last)
		s->ready_last->ready_next = stream;
	else
		s->ready_first = stream;
	s->ready_last = stream;
	stream->ready = true;
}

void stream_socket_want(stream_socket *s, agent_stream *stream)
{
	if (stream->ready || s->closing)
		return;
	if (!s->ready_first)
		s->wrote_ms = ss_time_monotonic_ms();
	enter_turn(s, stream);
	if (s->established)
		lws_callback_on_writable(s->wsi);
}

void stream_socket_forget(stream_socket *s, agent_stream *stream)
{
	agent_stream **at = bucket_of(s, stream->id);

	leave_turn(s, stream);
	while (*at && *at != stream)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = stream->next;
	s->count--;
}

static void end_streams(stream_socket *s)
{
	for (size_t i = 0; i < s->bucket_count; i++)
		while (s->buckets[i])
			agent_stream_end(s->buckets[i], "agent_lost");
}

/* Out of the table; the database hears of the end. */
static void retire(stream_socket *s, const char *reason)
{
	if (!s->live)
		return;
	s->live = false;
	stream_table_remove(s->d->streams, s);
	atomic_fetch_sub(&s->d->stream_sockets, 1);
	end_streams(s);
	ss_log(SS_LOG_INFO, "stream", "disconnected", "agent", s->agent, "stream", SS_NUM(s->number),
		"reason", reason, NULL);
	stream_clerk_disconnect(s->d, s->agent, s->number);
}

static void free_socket(stream_socket *s)
{
	end_streams(s);
	free(s->buckets);
	free(s->rx);
	free(s);
}

void stream_socket_shut(stream_socket *s, int code, const char *reason)
{
	if (s->closing)
		return;
	s->closing = true;
	retire(s, reason);
	s->close_code = code;
	snprintf(s->close_reason, sizeof(s->close_reason), "%s", reason);
	if (!s->wsi)
		return;
	if (!s->established)
	{
		lws_set_timeout(s->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
		return;
	}
	lws_set_timeout(s->wsi, PENDING_TIMEOUT_CLOSE_SEND, CLOSE_SECONDS);
	lws_callback_on_writable(s->wsi);
}

static void violate(stream_socket *s, const ss_error *err)
{
	DISPATCH_COUNT(s->d, stream_violations);
	ss_log(SS_LOG_WARNING, "stream", "violation", "agent", s->agent, "reason", err->message, NULL);
	stream_socket_shut(s, LWS_CLOSE_STATUS_POLICY_VIOLATION, err->message);
}

static int callback(
	void *self, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len);

static void open_socket(dispatch *d, socket_offer *offer)
{
	const stream_grant *grant = offer->admitted;
	stream_socket *old = stream_table_find(d->streams, grant->agent);
	stream_socket *s = NULL;

	if (old && old->number > grant->number)
		return; /* a younger one was quicker */
	s = calloc(1, sizeof(*s));
	if (!s)
		return;
	if (old)
		stream_socket_shut(old, LWS_CLOSE_STATUS_POLICY_VIOLATION, "replaced");
	s->d = d;
	s->number = grant->number;
	snprintf(s->agent, sizeof(s->agent), "%s", grant->agent);
	s->opened_ms = s->heard_ms = s->pinged_ms = s->wrote_ms = ss_time_monotonic_ms();
	s->live = true;
	free(offer->admitted);
	offer->admitted = NULL; /* its end is told by retire() from now on */
	stream_table_add(d->streams, s);
	atomic_fetch_add(&d->stream_sockets, 1);
	s->owner = (socket_owner){.self = s, .callback = callback};
	s->wsi = socket_adopt(d, offer, &s->owner);
	if (s->wsi && !s->owner.destroyed)
		return;
	retire(s, "socket not adopted");
	free_socket(s);
}

static void drop_grant(socket_offer *offer)
{
	stream_grant *grant = offer->admitted;

	stream_clerk_disconnect(offer->d, grant->agent, grant->number);
	free(grant);
	offer->admitted = NULL;
}

static int take_message(stream_socket *s, const unsigned char *data, size_t len)
{
	ss_stream_frame frame;
	ss_error err = SS_ERROR_INIT;

	if (ss_stream_frame_parse(data, len, &frame, &err) == 0)
	{
		agent_stream *stream = find_stream(s, frame.stream);

		if (stream && agent_stream_take(stream, &frame, &err) == 0)
			return 0;
		if (!stream && frame.stream <= s->last_id && frame.type != SS_STREAM_OPEN)
			return 0; /* it has ended, and the agent did not know */
		if (!stream)
			ss_fail(&err, "invalid_frame", "a stream that was never opened");
	}
	violate(s, &err);
	return 0;
}

static int receive(stream_socket *s, const unsigned char *data, size_t len)
{
	bool last = lws_is_final_fragment(s->wsi) && lws_remaining_packet_payload(s->wsi) == 0;
	ss_error err = SS_ERROR_INIT;

	s->heard_ms = ss_time_monotonic_ms();
	if (s->closing)
		return 0;
	if (!lws_frame_is_binary(s->wsi) || s->rx_len + len > SS_STREAM_FRAME_MAX)
	{
		ss_fail(&err, "invalid_frame", "%s",
			s->rx_len + len > SS_STREAM_FRAME_MAX ? "message too long" : "message of text");
		violate(s, &err);
		return 0;
	}
	DISPATCH_ADD(s->d, stream_bytes_from_agents, (long long)len);
	if (last && s->rx_len == 0)
		return take_message(s, data, len);
	if (!s->rx && !(s->rx = malloc(SS_STREAM_FRAME_MAX)))
		return -1;
	memcpy(s->rx + s->rx_len, data, len);
	s->rx_len += len;
	if (!last)
		return 0;
	size_t whole = s->rx_len;

	s->rx_len = 0;
	return take_message(s, s->rx, whole);
}

static int write_ping(stream_socket *s)
{
	unsigned char buf[LWS_PRE + 4] = {0}; /* an empty one would not be sent */

	s->ping_due = false;
	return lws_write(s->wsi, buf + LWS_PRE, 4, LWS_WRITE_PING) < 0 ? -1 : 0;
}

/* One frame of each stream in turn, as long as the socket takes them. */
static int write_streams(stream_socket *s)
{
	size_t written = 0;

	while (
		s->ready_first && written < TURN_BYTES && (written == 0 || !lws_send_pipe_choked(s->wsi)))
	{
		agent_stream *stream = s->ready_first;
		uint32_t id = stream->id;

		leave_turn(s, stream);
		int rc = agent_stream_write(stream, s->wsi);

		if (rc < 0)
			return -1;
		s->wrote_ms = ss_time_monotonic_ms();
		written += SS_STREAM_PAYLOAD_MAX;
		stream = find_stream(s, id); /* writing may have ended it */
		if (stream && !stream->ready && agent_stream_is_due(stream))
			enter_turn(s, stream);
	}
	if (s->ready_first)
		lws_callback_on_writable(s->wsi);
	return 0;
}

static int write_due(stream_socket *s)
{
	if (s->closing)
	{
		lws_close_reason(s->wsi, (enum lws_close_status)s->close_code,
			(unsigned char *)s->close_reason, strlen(s->close_reason));
		return -1;
	}
	if (s->ping_due && write_ping(s))
		return -1;
	return write_streams(s);
}

void stream_socket_tick(stream_socket *s, long long now_ms)
{
	const dispatch_config *cfg = &s->d->cfg;

	if (s->closing)
		return;
	if (!s->established)
	{
		if (now_ms - s->opened_ms > cfg->handshake_seconds * 1000)
			stream_socket_shut(s, LWS_CLOSE_STATUS_POLICY_VIOLATION, "no handshake");
		return;
	}
	if (now_ms - s->heard_ms > cfg->stream_silence_seconds * 1000)
	{
		stream_socket_shut(s, LWS_CLOSE_STATUS_POLICY_VIOLATION, "silent");
		return;
	}
	if (s->ready_first && now_ms - s->wrote_ms > cfg->stream_stall_seconds * 1000)
	{
		stream_socket_shut(s, LWS_CLOSE_STATUS_POLICY_VIOLATION, "too slow");
		return;
	}
	if (now_ms - s->pinged_ms >= cfg->stream_ping_seconds * 1000)
	{
		s->pinged_ms = now_ms;
		s->ping_due = true;
		lws_callback_on_writable(s->wsi);
	}
	for (size_t i = 0; i < s->bucket_count; i++)
		for (agent_stream *at = s->buckets[i], *next; at; at = next)
		{
			next = at->next;
			agent_stream_tick(at, now_ms);
		}
}

static void on_established(stream_socket *s)
{
	s->established = true;
	s->heard_ms = s->pinged_ms = ss_time_monotonic_ms();
	ss_log(
		SS_LOG_INFO, "stream", "connected", "agent", s->agent, "stream", SS_NUM(s->number), NULL);
	lws_callback_on_writable(s->wsi);
}

static void on_destroy(stream_socket *s)
{
	s->closing = true;
	retire(s, "socket closed");
	if (!s->owner.adopting)
		free_socket(s);
}

static int callback(
	void *self, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len)
{
	stream_socket *s = self;

	(void)wsi;
	switch (reason)
	{
	case LWS_CALLBACK_ESTABLISHED:
		on_established(s);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		return receive(s, in, len);
	case LWS_CALLBACK_RECEIVE_PONG:
		s->heard_ms = ss_time_monotonic_ms();
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return write_due(s);
	case LWS_CALLBACK_CLOSED:
		s->closing = true;
		retire(s, "closed by the agent");
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		on_destroy(s);
		return 0;
	default:
		return 0;
	}
}

const socket_handler stream_socket_handler = {
	.name = "stream",
	.subprotocol = SS_STREAM_PROTOCOL,
	.admit = stream_grant_admit,
	.open = open_socket,
	.drop = drop_grant,
};
