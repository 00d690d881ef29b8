/* event_socket: see event_socket.h. */
#include "server/event_socket.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/timeutil.h"
#include "server/cookie.h"
#include "server/dispatch_loop.h"
#include "server/event_hub.h"
#include "server/origin.h"

#define BORROW_MS 2000
#define HEADER_SIZE 512
#define COOKIES_SIZE 4096
#define TOKEN_SIZE 1024
#define ORG_SIZE 64
/* Time for bye and close frame to leave and be answered. */
#define CLOSE_SECONDS 10

typedef struct event_conn
{
	struct event_conn *prev, *next;
	dispatch *d;
	struct lws *wsi;
	socket_owner owner;
	event_subscriber *subscriber;
	atomic_bool ready; /* set by any thread: there is something to take */
	bool established, closing, ping_due;
	int close_code;
	char close_reason[64];
	long long opened_ms, heard_ms, pinged_ms;
} event_conn;

/* --- who may: an admission thread --- */

static int take_bearer(const socket_head *head, char ret[SS_HEX_SIZE], ss_error *err)
{
	char text[HEADER_SIZE];
	int rc = socket_head_copy(head, SOCKET_FIELD_AUTHORIZATION, text, sizeof(text));

	if (rc > 0)
		return 1;
	const char *token = text + 7;

	if (rc < 0 || strncasecmp(text, "Bearer ", 7) != 0)
		return ss_fail(err, "unauthorized", "This needs Authorization: Bearer TOKEN.");
	token += strspn(token, " ");
	rc = ss_hex_is_token(token)
			 ? ss_sha256_hex(token, strlen(token), ret, err)
			 : ss_fail(err, "unauthorized", "The token has not the form of one.");
	ss_crypto_wipe(text, sizeof(text));
	return rc;
}

/* A browser sends the cookie whoever's page makes it connect: the page must be ours. */
static int take_cookie(
	const dispatch *d, const socket_head *head, char ret[SS_HEX_SIZE], ss_error *err)
{
	char cookies[COOKIES_SIZE], origin[HEADER_SIZE], host[HEADER_SIZE] = "";
	cookie_token found;

	if (socket_head_copy(head, SOCKET_FIELD_HOST, host, sizeof(host)) < 0 ||
		socket_head_copy(head, SOCKET_FIELD_COOKIE, cookies, sizeof(cookies)) != 0 ||
		cookie_read(cookies, host, &found) != 1)
		return ss_fail(err, "unauthorized",
			"This needs Authorization: Bearer TOKEN, or the cookie of a log-in.");
	ss_crypto_wipe(cookies, sizeof(cookies));
	int rc = -1;

	if (socket_head_copy(head, SOCKET_FIELD_ORIGIN, origin, sizeof(origin)) != 0 ||
		!origin_fits(d->cfg.origins, origin, host))
		ss_fail(err, "origin_refused",
			"With the cookie of a log-in this needs the Origin of the page itself.");
	else
		rc = ss_sha256_hex(found.text, strlen(found.text), ret, err);
	ss_crypto_wipe(&found, sizeof(found));
	return rc;
}

static int admit(dispatch *d, socket_offer *offer, ss_error *err)
{
	char actor[SS_HEX_SIZE], since[TOKEN_SIZE], org[ORG_SIZE];
	event_subscriber *subscriber = NULL;
	int has_since = socket_head_query(&offer->head, "since", since, sizeof(since), err);
	int has_org =
		has_since < 0 ? -1 : socket_head_query(&offer->head, "org", org, sizeof(org), err);

	if (has_since < 0 || has_org < 0)
		return -1;
	int rc = take_bearer(&offer->head, actor, err);

	if (rc > 0)
		rc = take_cookie(d, &offer->head, actor, err);
	if (rc)
		return -1;
	db_conn *conn = db_borrow(d->pool, BORROW_MS, err);

	if (!conn)
		return -1;
	rc = event_subscriber_new(d->cfg.events, conn, actor, has_org == 0 ? org : NULL,
		has_since == 0 ? since : NULL, &subscriber, err);
	db_return(conn);
	offer->admitted = subscriber;
	return rc;
}

static void drop(socket_offer *offer)
{
	event_subscriber_free(offer->admitted);
	offer->admitted = NULL;
}

/* --- a connection --- */

/* Any thread, under the hub's lock: one event for all that have become ready. */
static void wake(void *arg, bool ended)
{
	event_conn *conn = arg;

	(void)ended;
	atomic_store(&conn->ready, true);
	if (atomic_exchange(&conn->d->events_posted, true))
		return;
	loop_event *event = dispatch_loop_new_event(LOOP_EVENTS);

	if (event)
		dispatch_loop_post(conn->d, event);
	else
		atomic_store(&conn->d->events_posted, false);
}

static void forget(event_conn *conn)
{
	event_subscriber_free(conn->subscriber);
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		conn->d->event_conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	free(conn);
}

static void shut(event_conn *conn, int code, const char *reason)
{
	if (conn->closing)
		return;
	conn->closing = true;
	conn->close_code = code;
	snprintf(conn->close_reason, sizeof(conn->close_reason), "%s", reason);
	if (!conn->established)
	{
		lws_set_timeout(conn->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
		return;
	}
	lws_set_timeout(conn->wsi, PENDING_TIMEOUT_CLOSE_SEND, CLOSE_SECONDS);
	lws_callback_on_writable(conn->wsi);
}

static int write_message(event_conn *conn, const event_message *m)
{
	unsigned char *buffer = malloc(LWS_PRE + m->len);

	if (!buffer)
		return -1;
	memcpy(buffer + LWS_PRE, m->text, m->len);
	int rc = lws_write(conn->wsi, buffer + LWS_PRE, m->len, LWS_WRITE_TEXT);

	free(buffer);
	return rc < 0 ? -1 : 0;
}

static int write_ping(event_conn *conn)
{
	unsigned char buffer[LWS_PRE + 4] = {0}; /* an empty one would not be sent */

	conn->ping_due = false;
	return lws_write(conn->wsi, buffer + LWS_PRE, 4, LWS_WRITE_PING) < 0 ? -1 : 0;
}

static int write_close(event_conn *conn)
{
	lws_close_reason(conn->wsi, (enum lws_close_status)conn->close_code,
		(unsigned char *)conn->close_reason, strlen(conn->close_reason));
	return -1;
}

/* Whole messages, as many as the socket takes; then the close frame, when it is time for it. */
static int on_writeable(event_conn *conn)
{
	bool ended = false;

	if (conn->closing)
		return write_close(conn);
	if (conn->ping_due && write_ping(conn))
		return -1;
	for (;;)
	{
		if (lws_send_pipe_choked(conn->wsi))
		{
			lws_callback_on_writable(conn->wsi);
			return 0;
		}
		event_message *m = event_subscriber_take(conn->subscriber, &ended, NULL, NULL);

		if (!m)
			break;
		int rc = m->type == EVENT_ALIVE ? 0 : write_message(conn, m);

		free(m);
		if (rc)
			return -1;
	}
	if (ended)
		shut(conn, LWS_CLOSE_STATUS_NORMAL, "bye");
	return 0;
}

static int callback(
	void *self, struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len)
{
	event_conn *conn = self;

	(void)wsi;
	(void)in;
	(void)len;
	switch ((int)reason)
	{
	case LWS_CALLBACK_ESTABLISHED:
		conn->established = true;
		conn->heard_ms = conn->pinged_ms = ss_time_monotonic_ms();
		event_subscriber_listen(conn->subscriber, wake, conn);
		lws_callback_on_writable(conn->wsi);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return on_writeable(conn);
	case LWS_CALLBACK_RECEIVE_PONG:
		conn->heard_ms = ss_time_monotonic_ms();
		return 0;
	case LWS_CALLBACK_RECEIVE:
		shut(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, "nothing is read here");
		return 0;
	case LWS_CALLBACK_CLOSED:
		conn->closing = true;
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		if (!conn->owner.adopting)
			forget(conn);
		return 0;
	default:
		return 0;
	}
}

static void open_conn(dispatch *d, socket_offer *offer)
{
	event_conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return; /* the offer is dropped */
	conn->d = d;
	conn->subscriber = ss_steal_ptr(offer->admitted);
	conn->opened_ms = conn->heard_ms = ss_time_monotonic_ms();
	conn->next = d->event_conns;
	if (conn->next)
		conn->next->prev = conn;
	d->event_conns = conn;
	conn->owner = (socket_owner){.self = conn, .callback = callback};
	conn->wsi = socket_adopt(d, offer, &conn->owner);
	if (!conn->wsi || conn->owner.destroyed)
		forget(conn);
}

void event_sockets_flush(dispatch *d)
{
	atomic_store(&d->events_posted, false);
	for (event_conn *conn = d->event_conns; conn; conn = conn->next)
		if (atomic_exchange(&conn->ready, false) && conn->established)
			lws_callback_on_writable(conn->wsi);
}

void event_sockets_tick(dispatch *d, long long now_ms)
{
	const dispatch_config *cfg = &d->cfg;

	for (event_conn *conn = d->event_conns, *next; conn; conn = next)
	{
		next = conn->next;
		if (conn->closing)
			continue;
		if (!conn->established)
		{
			if (now_ms - conn->opened_ms > cfg->handshake_seconds * 1000)
				shut(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, "no handshake");
			continue;
		}
		if (now_ms - conn->heard_ms > cfg->silence_seconds * 1000)
		{
			shut(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, "silent");
			continue;
		}
		if (now_ms - conn->pinged_ms < cfg->ping_seconds * 1000)
			continue;
		conn->pinged_ms = now_ms;
		conn->ping_due = true;
		lws_callback_on_writable(conn->wsi);
	}
}

const socket_handler event_socket_handler = {
	.name = "events",
	.subprotocol = NULL,
	.admit = admit,
	.open = open_conn,
	.drop = drop,
};
