/* relay_conn: see relay_conn.h. Loop thread only. */
#include "server/relay_conn.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/timeutil.h"
#include "server/dispatch_loop.h"
#include "server/relay_grant.h"
#include "server/stream_socket.h"

#define TURN_BYTES 131072
/* Time for the rest of the bytes. */
#define CLOSE_SECONDS 5
/* A server that vanished is found by TCP, but not before a viewer that only does not read. */
#define PEER_TIMEOUT_STALLS 2
#define KEEPALIVE_SECONDS 10

static const stream_end_ops ops;

static int callback(
	void *self, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len);

static size_t bound_of(const relay_conn *r)
{
	const dispatch_config *cfg = &r->end.d->cfg;

	return (size_t)(r->incoming ? cfg->stream_input_bytes : cfg->stream_credit);
}

static void set_up(const dispatch *d, int fd)
{
	const int on = 1, idle = KEEPALIVE_SECONDS,
			  timeout = (int)d->cfg.stream_stall_seconds * 1000 * PEER_TIMEOUT_STALLS;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof(timeout));
}

static relay_conn *new_relay(dispatch *d, bool incoming)
{
	relay_conn *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	stream_end_init(&r->end, d, &ops);
	r->incoming = incoming;
	r->next = d->streams->relays;
	if (r->next)
		r->next->prev = r;
	d->streams->relays = r;
	atomic_fetch_add(&d->relays, 1);
	return r;
}

static void free_relay(relay_conn *r)
{
	dispatch *d = r->end.d;

	if (r->prev)
		r->prev->next = r->next;
	else
		d->streams->relays = r->next;
	if (r->next)
		r->next->prev = r->prev;
	atomic_fetch_sub(&d->relays, 1);
	stream_end_part(&r->end, r->incoming ? "closed" : "agent_lost", false);
	stream_end_discard(&r->end);
	if (r->incoming)
		stream_release(d);
	free(r);
}

/* Gives the connection to libwebsockets as it is. False: r is freed, fd closed. */
static bool adopt(relay_conn *r, int fd)
{
	r->owner = (socket_owner){.self = r, .callback = callback};
	set_up(r->end.d, fd);
	struct lws *wsi = socket_adopt_raw(r->end.d, fd, &r->owner);

	if (!wsi || r->owner.destroyed)
	{
		free_relay(r);
		return false;
	}
	r->wsi = wsi;
	if (r->end.out.len > 0 || r->finishing)
		lws_callback_on_writable(wsi);
	return true;
}

int relay_conn_join(dispatch *d, int fd, stream_end *near, ss_error *err)
{
	relay_conn *r = new_relay(d, false);

	if (!r)
	{
		close(fd);
		return ss_fail(err, "overloaded", "no memory for a relay");
	}
	stream_end_join(near, &r->end);
	(void)adopt(r, fd); /* when it fails, the near end has heard of it */
	return 0;
}

static void open_relay(dispatch *d, socket_offer *offer)
{
	relay_grant *grant = offer->admitted;
	stream_socket *socket = stream_table_find(d->streams, grant->agent);
	ss_error err = SS_ERROR_INIT;
	relay_conn *r;

	if (!socket || !(r = new_relay(d, true)))
		return; /* the offer closes it, and gives the grant back */
	ss_log(SS_LOG_INFO, "relay", "accepted", "connection", grant->connection, "session",
		grant->session, "agent", grant->agent, NULL);
	if (stream_socket_open(socket, grant->session, &r->end, &err))
		r->finishing = true;
	free(ss_steal_ptr(offer->admitted));
	(void)adopt(r, ss_steal_fd(offer->fd));
}

static void on_wake(stream_end *end)
{
	relay_conn *r = (relay_conn *)end;

	if (r->wrote_ms == 0)
		r->wrote_ms = ss_time_monotonic_ms();
	if (r->wsi)
		lws_callback_on_writable(r->wsi);
}

static void on_taken(stream_end *end, size_t n)
{
	relay_conn *r = (relay_conn *)end;

	(void)n;
	if (!r->held || !r->wsi || stream_end_backlog(end) > bound_of(r) / 2)
		return;
	r->held = false;
	lws_rx_flow_control(r->wsi, 1);
}

static void on_finish(stream_end *end, const char *reason, bool at_once)
{
	relay_conn *r = (relay_conn *)end;

	(void)reason;
	if (at_once)
		stream_end_discard(end);
	r->finishing = true;
	if (!r->wsi)
		return;
	if (r->held)
	{
		r->held = false; /* what comes is dropped */
		lws_rx_flow_control(r->wsi, 1);
	}
	lws_set_timeout(r->wsi, PENDING_TIMEOUT_CLOSE_SEND, CLOSE_SECONDS);
	lws_callback_on_writable(r->wsi);
}

static const stream_end_ops ops = {.wake = on_wake, .taken = on_taken, .finish = on_finish};

static int receive(relay_conn *r, const unsigned char *data, size_t len)
{
	if (stream_end_deliver(&r->end, data, len))
		return -1;
	if (!r->held && stream_end_backlog(&r->end) >= bound_of(r))
	{
		r->held = true;
		lws_rx_flow_control(r->wsi, 0);
	}
	return 0;
}

static int write_due(relay_conn *r)
{
	size_t written = 0, len;
	unsigned char *data;

	/* The first goes without asking: the socket is writeable, or we were not called. */
	while (written < TURN_BYTES && (data = byte_queue_peek(&r->end.out, BYTE_QUEUE_PIECE, &len)) &&
		   (written == 0 || !lws_send_pipe_choked(r->wsi)))
	{
		if (lws_write(r->wsi, data, len, LWS_WRITE_RAW) < (int)len)
			return -1;
		written += len;
		r->wrote_ms = ss_time_monotonic_ms();
		stream_end_sent(&r->end, len);
	}
	if (r->end.out.len > 0)
	{
		lws_callback_on_writable(r->wsi);
		return 0;
	}
	r->wrote_ms = 0;
	return r->finishing ? -1 : 0;
}

void relay_conn_shut(relay_conn *r)
{
	stream_end_part(&r->end, r->incoming ? "closed" : "agent_lost", false);
	on_finish(&r->end, "shutting_down", true);
}

/* The viewer's server cuts it before; this is for one that does not. */
void relay_conn_tick(relay_conn *r, long long now_ms)
{
	if (r->wrote_ms && now_ms - r->wrote_ms > r->end.d->cfg.stream_stall_seconds * 2000)
	{
		r->wrote_ms = 0;
		relay_conn_shut(r);
	}
}

static int callback(
	void *self, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len)
{
	relay_conn *r = self;

	(void)wsi;
	switch (reason)
	{
	case LWS_CALLBACK_RAW_RX:
		return receive(r, in, len);
	case LWS_CALLBACK_RAW_WRITEABLE:
		return write_due(r);
	case LWS_CALLBACK_WSI_DESTROY:
		if (!r->owner.adopting)
			free_relay(r);
		return 0;
	default:
		return 0;
	}
}

const socket_handler relay_conn_handler = {
	.name = "relay",
	.admit = relay_grant_admit,
	.open = open_relay,
	.drop = relay_grant_drop,
};
