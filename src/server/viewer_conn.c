/* viewer_conn: see viewer_conn.h. Loop thread only. */
#include "server/viewer_conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/timeutil.h"
#include "server/dispatch_loop.h"
#include "server/relay_conn.h"
#include "server/stream_socket.h"
#include "server/viewer_grant.h"

#define CLOSE_SECONDS 3
/* The far end is gone: time for a review to say why, and for the browser to take the rest. */
#define WHY_MS 1500
#define REST_MS 5000
#define TURN_BYTES 131072

/* What a browser is told. */
static const struct
{
	const char *reason;
	int code;
} codes[] = {
	{"closed", 1000},
	{"shutting_down", 1001},
	{"malformed", 1008},
	{"overloaded", 1013},
	{"session_terminated", 4000},
	{"session_hibernated", 4001},
	{"access_revoked", 4002},
	{"agent_lost", 4003},
	{"logged_out", 4004},
	{"session_failed", 4005},
	{"session_restarted", 4006},
};

static void shut_for(viewer_conn *v, const char *reason)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(codes[i].reason, reason) == 0)
		{
			viewer_conn_shut(v, codes[i].code, codes[i].reason);
			return;
		}
	shut_for(v, "agent_lost");
}

/* Out of the table; the database hears of the end. */
static void retire(viewer_conn *v, const char *reason)
{
	if (!v->record)
		return;
	dispatch *d = v->end.d;

	if (v->prev)
		v->prev->next = v->next;
	else
		d->streams->viewers = v->next;
	if (v->next)
		v->next->prev = v->prev;
	atomic_fetch_sub(&d->viewers, 1);
	ss_log(SS_LOG_INFO, "viewer", "ended", "connection", v->record->connection, "reason", reason,
		NULL);
	stream_clerk_close(d, ss_steal_ptr(v->record), reason);
}

static void free_viewer(viewer_conn *v)
{
	stream_end_part(&v->end, "closed", false);
	stream_end_discard(&v->end);
	stream_release(v->end.d);
	free(v);
}

void viewer_conn_shut(viewer_conn *v, int code, const char *reason)
{
	if (v->closing)
		return;
	v->closing = true;
	v->close_code = code;
	v->close_reason = reason;
	retire(v, reason);
	stream_end_part(&v->end, reason, true);
	stream_end_discard(&v->end);
	if (!v->wsi)
		return;
	if (!v->established)
	{
		lws_set_timeout(v->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
		return;
	}
	lws_set_timeout(v->wsi, PENDING_TIMEOUT_CLOSE_SEND, CLOSE_SECONDS);
	lws_callback_on_writable(v->wsi);
}

void viewer_conn_cut(dispatch *d, const char *connection, const char *reason)
{
	for (viewer_conn *v = d->streams->viewers, *next; v; v = next)
	{
		next = v->next; /* one that is shut leaves the table */
		if (v->closing || (connection[0] && strcmp(v->record->connection, connection) != 0))
			continue;
		DISPATCH_COUNT(d, viewers_cut);
		shut_for(v, reason);
	}
}

static void on_wake(stream_end *end)
{
	viewer_conn *v = (viewer_conn *)end;

	if (v->wrote_ms == 0)
		v->wrote_ms = ss_time_monotonic_ms();
	if (v->established)
		lws_callback_on_writable(v->wsi);
}

/* The far end has taken some: read on when less than half of the bound waits. */
static void on_taken(stream_end *end, size_t n)
{
	viewer_conn *v = (viewer_conn *)end;

	(void)n;
	if (!v->held || v->closing ||
		stream_end_backlog(end) > (size_t)end->d->cfg.stream_input_bytes / 2)
		return;
	v->held = false;
	v->heard_ms = ss_time_monotonic_ms(); /* its silence was ours */
	lws_rx_flow_control(v->wsi, 1);
}

static void on_finish(stream_end *end, const char *reason, bool at_once)
{
	viewer_conn *v = (viewer_conn *)end;

	(void)at_once;
	if (v->closing)
		return;
	v->close_reason = strcmp(reason, "too_many_streams") == 0 || strcmp(reason, "overloaded") == 0
						  ? "overloaded"
						  : "agent_lost";
	v->end_by_ms = ss_time_monotonic_ms() + WHY_MS;
	if (v->held)
	{
		v->held = false; /* nobody takes it, and it is dropped */
		lws_rx_flow_control(v->wsi, 1);
	}
	stream_clerk_hurry(end->d);
}

static const stream_end_ops ops = {.wake = on_wake, .taken = on_taken, .finish = on_finish};

/* Joins it with the far end: a stream of the agent's socket, or a relay. */
static void find_far_end(viewer_conn *v, viewer_grant *grant)
{
	dispatch *d = v->end.d;
	ss_error err = SS_ERROR_INIT;
	int rc;

	if (grant->relay_fd >= 0)
		rc = relay_conn_join(d, ss_steal_fd(grant->relay_fd), &v->end, &err);
	else
	{
		stream_socket *socket = stream_table_find(d->streams, grant->agent);

		rc = socket ? stream_socket_open(socket, grant->session, &v->end, &err)
					: ss_fail(&err, "agent_lost", "the agent's stream socket is not here");
	}
	if (rc)
		on_finish(&v->end, err.code, false);
}

static int callback(
	void *self, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len);

static void open_viewer(dispatch *d, socket_offer *offer)
{
	viewer_grant *grant = offer->admitted;
	viewer_conn *v = calloc(1, sizeof(*v));

	if (!v)
		return; /* the offer gives the grant back */
	stream_end_init(&v->end, d, &ops);
	rfb_client_init(&v->client, grant->control, (uint32_t)d->cfg.viewer_message_bytes);
	v->opened_ms = v->heard_ms = v->pinged_ms = ss_time_monotonic_ms();
	v->record = grant->record;
	v->next = d->streams->viewers;
	if (v->next)
		v->next->prev = v;
	d->streams->viewers = v;
	atomic_fetch_add(&d->viewers, 1);
	ss_log(SS_LOG_INFO, "viewer", "opened", "connection", v->record->connection, "session",
		grant->session, "agent", grant->agent, "mode", grant->control ? "control" : "view", NULL);
	find_far_end(v, grant);
	if (grant->relay_fd >= 0)
		close(grant->relay_fd);
	free(ss_steal_ptr(offer->admitted));
	v->owner = (socket_owner){.self = v, .callback = callback};
	v->wsi = socket_adopt(d, offer, &v->owner);
	if (v->wsi && !v->owner.destroyed)
		return;
	v->closing = true;
	retire(v, "closed");
	free_viewer(v);
}

static void malformed(viewer_conn *v)
{
	DISPATCH_COUNT(v->end.d, viewers_malformed);
	shut_for(v, "malformed");
}

static int pass_on(viewer_conn *v, const unsigned char *data, size_t len)
{
	while (len > 0)
	{
		const unsigned char *pass;
		size_t taken, pass_len;

		if (rfb_client_feed(&v->client, data, len, &taken, &pass, &pass_len))
		{
			malformed(v);
			return 0;
		}
		data += taken;
		len -= taken;
		if (stream_end_deliver(&v->end, pass, pass_len))
			return -1;
	}
	return 0;
}

static int receive(viewer_conn *v, const unsigned char *data, size_t len)
{
	unsigned long long inputs = v->client.inputs;

	v->heard_ms = ss_time_monotonic_ms();
	if (v->closing || v->end_by_ms)
		return 0;
	if (!lws_frame_is_binary(v->wsi))
	{
		malformed(v);
		return 0;
	}
	atomic_fetch_add_explicit(&v->record->received, (long long)len, memory_order_relaxed);
	DISPATCH_ADD(v->end.d, viewer_bytes_received, (long long)len);
	if (pass_on(v, data, len))
		return -1;
	if (v->client.inputs != inputs && !v->closing)
		atomic_store_explicit(&v->record->input_ms, v->heard_ms, memory_order_relaxed);
	if (!v->held && !v->closing &&
		stream_end_backlog(&v->end) >= (size_t)v->end.d->cfg.stream_input_bytes)
	{
		v->held = true;
		DISPATCH_COUNT(v->end.d, viewer_reads_held);
		lws_rx_flow_control(v->wsi, 0);
	}
	return 0;
}

static int write_bytes(viewer_conn *v)
{
	size_t written = 0, len;
	unsigned char *data;

	/* The first goes without asking: the socket is writeable, or we were not called. */
	while (written < TURN_BYTES && (data = byte_queue_peek(&v->end.out, BYTE_QUEUE_PIECE, &len)) &&
		   (written == 0 || !lws_send_pipe_choked(v->wsi)))
	{
		if (lws_write(v->wsi, data, len, LWS_WRITE_BINARY) < (int)len)
			return -1;
		written += len;
		v->wrote_ms = ss_time_monotonic_ms();
		atomic_fetch_add_explicit(&v->record->sent, (long long)len, memory_order_relaxed);
		DISPATCH_ADD(v->end.d, viewer_bytes_sent, (long long)len);
		stream_end_sent(&v->end, len);
	}
	if (v->end.out.len > 0)
		lws_callback_on_writable(v->wsi);
	else
		v->wrote_ms = 0;
	return 0;
}

static int write_due(viewer_conn *v)
{
	unsigned char ping[LWS_PRE + 4] = {0}; /* an empty one would not be sent */

	if (v->closing)
	{
		lws_close_reason(v->wsi, (enum lws_close_status)v->close_code,
			(unsigned char *)v->close_reason, strlen(v->close_reason));
		return -1;
	}
	if (v->ping_due)
	{
		v->ping_due = false;
		if (lws_write(v->wsi, ping + LWS_PRE, 4, LWS_WRITE_PING) < 0)
			return -1;
	}
	return write_bytes(v);
}

/* The far end is gone: the browser takes the rest, and is told what is known. */
static void tick_ending(viewer_conn *v, long long now_ms)
{
	if (now_ms >= v->end_by_ms && (v->end.out.len == 0 || now_ms >= v->end_by_ms + REST_MS))
		shut_for(v, v->close_reason);
}

void viewer_conn_tick(viewer_conn *v, long long now_ms)
{
	const dispatch_config *cfg = &v->end.d->cfg;

	if (v->closing)
		return;
	if (!v->established)
	{
		if (now_ms - v->opened_ms > cfg->handshake_seconds * 1000)
			shut_for(v, "closed");
		return;
	}
	if (v->end_by_ms)
	{
		tick_ending(v, now_ms);
		return;
	}
	if (!v->held && now_ms - v->heard_ms > cfg->stream_silence_seconds * 1000)
	{
		DISPATCH_COUNT(v->end.d, viewers_silent);
		shut_for(v, "closed");
		return;
	}
	if (v->wrote_ms && now_ms - v->wrote_ms > cfg->stream_stall_seconds * 1000)
	{
		DISPATCH_COUNT(v->end.d, viewers_slow);
		shut_for(v, "overloaded");
		return;
	}
	if (now_ms - v->pinged_ms >= cfg->stream_ping_seconds * 1000)
	{
		v->pinged_ms = now_ms;
		v->ping_due = true;
		lws_callback_on_writable(v->wsi);
	}
}

static void on_established(viewer_conn *v)
{
	v->established = true;
	v->heard_ms = v->pinged_ms = ss_time_monotonic_ms();
	if (v->end.out.len > 0 || v->closing)
		lws_callback_on_writable(v->wsi);
}

/* The client said that it goes; libwebsockets answers it. What it says behind that is not heard. */
static void on_goodbye(viewer_conn *v)
{
	if (v->closing)
		return;
	v->closing = true;
	v->close_code = LWS_CLOSE_STATUS_NORMAL;
	v->close_reason = "closed";
	stream_end_part(&v->end, "closed", false);
	retire(v, "closed");
}

static void on_destroy(viewer_conn *v)
{
	v->closing = true;
	retire(v, v->close_reason ? v->close_reason : "closed");
	if (!v->owner.adopting)
		free_viewer(v);
}

static int callback(
	void *self, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len)
{
	viewer_conn *v = self;

	(void)wsi;
	switch (reason)
	{
	case LWS_CALLBACK_ESTABLISHED:
		on_established(v);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		return receive(v, in, len);
	case LWS_CALLBACK_RECEIVE_PONG:
		v->heard_ms = ss_time_monotonic_ms();
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return write_due(v);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		on_goodbye(v);
		return 0;
	case LWS_CALLBACK_CLOSED:
		v->closing = true;
		stream_end_part(&v->end, "closed", false);
		retire(v, v->close_reason ? v->close_reason : "closed");
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		on_destroy(v);
		return 0;
	default:
		return 0;
	}
}

const socket_handler viewer_conn_handler = {
	.name = "viewer",
	.subprotocol = "binary",
	.admit = viewer_grant_admit,
	.open = open_viewer,
	.drop = viewer_grant_drop,
};
