/*
 * connection: the thread that owns the WebSocket. Threads as in connection.h.
 *
 * A round is: register (when nothing is known, or the last handshake was refused), connect, serve
 * until the socket is gone, wait. The state below `lws` belongs to this thread; other threads only
 * set `stopping` and call lws_cancel_service().
 */
#include "agent/connection.h"

#include <libwebsockets.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/enrol.h"
#include "agent/streams.h"
#include "common/exit.h"
#include "common/fault.h"
#include "common/log.h"
#include "common/timeutil.h"

#define FRAME_MAX ((size_t)4 << 20)
#define RX_CHUNK 65536
#define HANDSHAKE_MS 20000 /* to the welcome */
#define CLOSE_MS 5000      /* from asking for the end to ending it */
#define HEALTHY_MS 1000    /* after the welcome: the back-off begins anew */
#define BACKOFF_BASE_MS 1000
#define BACKOFF_LEAST_MS 100
#define REJECTED_WAIT_MS 300000

typedef enum link_state
{
	LINK_CLOSED,
	LINK_CONNECTING,
	LINK_OPEN, /* upgraded, no welcome yet */
	LINK_WELCOME,
} link_state;

struct connection
{
	agent *agent;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopping;            /* under lock */
	long long flush_until_ms; /* under lock; set with stopping */

	struct lws_context *context;
	struct lws *wsi;
	lws_sorted_usec_list_t tick;
	link_state state;
	wire_welcome welcome;
	bool approved;             /* the last registration said so */
	unsigned attempt;          /* of the back-off */
	int refused_status;        /* HTTP status of a refused handshake; 0 = none */
	long long since_ms;        /* of the present state */
	long long heartbeat_at_ms; /* next */
	long long close_at_ms;     /* the socket is killed then; 0 = not closing */
	long long retry_after_ms;  /* of a goaway */
	int close_code;            /* to send with the close */
	char close_reason[124];
	char *frame; /* a message that comes in pieces */
	size_t frame_len;
	size_t frame_room;
};

/*
 * No traffic for 30 s: we ping; none for 90 s, the pings of the other side and the answers to
 * ours included: dead.
 */
static const lws_retry_bo_t idle_policy = {
	.secs_since_valid_ping = 30,
	.secs_since_valid_hangup = 90,
};

static void set_state(connection *self, link_state state)
{
	self->state = state;
	self->since_ms = ss_time_monotonic_ms();
}

bool connection_is_welcome(const connection *self)
{
	return self->state == LINK_WELCOME;
}

const wire_welcome *connection_welcome(const connection *self)
{
	return &self->welcome;
}

void connection_set_welcome(connection *self, const wire_welcome *welcome)
{
	self->welcome = *welcome;
	set_state(self, LINK_WELCOME);
	atomic_store(&self->agent->welcomed, true);
	outbox_set_connected(self->agent->outbox, true);
	streams_set_epoch(self->agent->streams, welcome->streams ? welcome->epoch : 0);
}

void connection_send_heartbeat(connection *self)
{
	agent *owner = self->agent;
	bool draining = atomic_load(&owner->draining) || atomic_load(&owner->stopping);

	const char *network = owner->ops->network == NULL ? NULL : owner->ops->network(owner->driver);

	self->heartbeat_at_ms = ss_time_monotonic_ms() + self->welcome.heartbeat_s * 1000LL;
	outbox_push(owner->outbox, OUTBOX_PASSING, NULL,
		wire_print_heartbeat(draining ? "draining" : "online", objects_active(owner->objects),
			owner->options->max_sessions, network));
}

/* The end of this connection, after what waits in the outbox. */
static void begin_close(connection *self, int code, const char *reason)
{
	if (self->close_at_ms != 0)
		return;
	self->close_at_ms = ss_time_monotonic_ms() + CLOSE_MS;
	self->close_code = code;
	snprintf(self->close_reason, sizeof self->close_reason, "%s", reason);
	if (self->wsi == NULL)
		return;
	if (self->state == LINK_CONNECTING) /* there is nobody to say it to */
		lws_set_timeout(self->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
	else
		lws_callback_on_writable(self->wsi);
}

void connection_set_goaway(connection *self, const char *reason, long long retry_after_ms)
{
	ss_log(SS_LOG_INFO, "connection", "goaway", "reason", reason, "retry_after_ms",
		SS_NUM(retry_after_ms), NULL);
	self->retry_after_ms = retry_after_ms;
	begin_close(self, LWS_CLOSE_STATUS_NORMAL, "goaway");
}

/* ---- Frames. */

static int keep_piece(connection *self, const char *data, size_t len)
{
	if (self->frame_len + len > FRAME_MAX)
		return -1;
	if (self->frame_len + len > self->frame_room)
	{
		size_t room = self->frame_len + len + RX_CHUNK;
		char *frame = realloc(self->frame, room);
		if (frame == NULL)
			return -1;
		self->frame = frame;
		self->frame_room = room;
	}
	memcpy(self->frame + self->frame_len, data, len);
	self->frame_len += len;
	return 0;
}

static int refuse_frame(connection *self, int code, const char *reason)
{
	ss_log(SS_LOG_WARNING, "connection", "closing", "code", SS_NUM(code), "reason", reason, NULL);
	lws_close_reason(
		self->wsi, (enum lws_close_status)code, (unsigned char *)(uintptr_t)reason, strlen(reason));
	return -1;
}

static int on_receive(connection *self, const char *data, size_t len)
{
	const char *reason = "";

	if (lws_frame_is_binary(self->wsi))
		return refuse_frame(self, 1003, "text frames only");
	if (keep_piece(self, data, len) < 0)
		return refuse_frame(self, 1009, "the message is too long");
	if (!lws_is_final_fragment(self->wsi) || lws_remaining_packet_payload(self->wsi) > 0)
		return 0;
	int code = messages_handle(self->agent, self->frame, self->frame_len, &reason);
	self->frame_len = 0;
	if (self->frame_room > RX_CHUNK * 4)
	{
		free(self->frame);
		self->frame = NULL;
		self->frame_room = 0;
	}
	return code != 0 ? refuse_frame(self, code, reason) : 0;
}

/* Sends one message; -1 when the socket is gone. */
static int send_one(connection *self, const char *text)
{
	size_t len = strlen(text);

	if (len > self->welcome.max_frame)
	{
		ss_log(SS_LOG_ERROR, "connection", "message_too_long", "bytes", SS_NUM(len), NULL);
		return 0;
	}
	unsigned char *buf = malloc(LWS_PRE + len);
	if (buf == NULL)
		return -1;
	memcpy(buf + LWS_PRE, text, len);
	int n = lws_write(self->wsi, buf + LWS_PRE, len, LWS_WRITE_TEXT);
	free(buf);
	return n < (int)len ? -1 : 0;
}

static int on_writable(connection *self)
{
	outbox_kind kind = OUTBOX_PASSING;
	char *text = self->state == LINK_WELCOME ? outbox_take(self->agent->outbox, &kind) : NULL;

	if (text == NULL)
	{
		if (self->close_at_ms == 0)
			return 0;
		lws_close_reason(self->wsi, (enum lws_close_status)self->close_code,
			(unsigned char *)self->close_reason, strlen(self->close_reason));
		return -1;
	}
	if (send_one(self, text) < 0)
	{
		outbox_untake(self->agent->outbox, kind, text);
		return -1;
	}
	if (kind == OUTBOX_RESULT)
		ss_fault("result-after-send");
	free(text);
	lws_callback_on_writable(self->wsi);
	return 0;
}

/* ---- The socket's life. */

static int append_key(connection *self, unsigned char **at, unsigned char *end)
{
	const char *key = self->agent->identity.key;

	return lws_add_http_header_by_name(self->wsi,
		(const unsigned char *)"X-Agent-API-Key:", (const unsigned char *)key, (int)strlen(key), at,
		end);
}

static void on_closed(connection *self, const char *why)
{
	ss_log(SS_LOG_INFO, "connection", self->state >= LINK_OPEN ? "closed" : "not_connected", "why",
		why != NULL ? why : "-", NULL);
	outbox_set_connected(self->agent->outbox, false);
	streams_hold(self->agent->streams);
	self->wsi = NULL;
	self->frame_len = 0;
	set_state(self, LINK_CLOSED);
	lws_cancel_service(self->context);
}

static int callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct lws_context *context = lws_get_context(wsi);
	connection *self = context != NULL ? lws_context_user(context) : NULL;

	(void)user;
	if (self == NULL)
		return 0;
	switch ((int)reason)
	{
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
	{
		unsigned char **at = in;
		self->wsi = wsi;
		return append_key(self, at, *at + len);
	}
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		self->wsi = wsi;
		set_state(self, LINK_OPEN);
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		self->refused_status = (int)lws_http_client_http_response(wsi);
		on_closed(self, in);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return on_receive(self, in, len);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return on_writable(self);
	case LWS_CALLBACK_CLIENT_CLOSED:
		if (wsi == self->wsi)
			on_closed(self, NULL);
		return 0;
	/* Ended between the request and its answer, when neither of the two above comes. */
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
	case LWS_CALLBACK_WSI_DESTROY:
		if (wsi == self->wsi)
			on_closed(self, "the handshake was not answered");
		return 0;
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		if (self->wsi != NULL && self->state == LINK_WELCOME)
			lws_callback_on_writable(self->wsi);
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{"streamspace-agent", callback, 0, RX_CHUNK, 0, NULL, 0},
	{NULL, NULL, 0, 0, 0, NULL, 0},
};

static bool told_to_stop(connection *self, long long *ret_flush_until_ms)
{
	pthread_mutex_lock(&self->lock);
	bool stopping = self->stopping;
	*ret_flush_until_ms = self->flush_until_ms;
	pthread_mutex_unlock(&self->lock);
	return stopping;
}

/* Four times a second: what has become due. */
static void on_tick(lws_sorted_usec_list_t *list)
{
	connection *self = lws_container_of(list, connection, tick);
	long long now = ss_time_monotonic_ms();
	long long flush_until = 0;

	lws_sul_schedule(self->context, 0, &self->tick, on_tick, LWS_US_PER_SEC / 4);
	if (self->wsi == NULL)
		return;
	if (told_to_stop(self, &flush_until))
		begin_close(self, LWS_CLOSE_STATUS_GOINGAWAY, "the agent ends");
	if (self->close_at_ms != 0 && (now > self->close_at_ms || (flush_until && now > flush_until)))
	{
		lws_set_timeout(self->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
		return;
	}
	if (self->state == LINK_WELCOME)
	{
		if (now >= self->heartbeat_at_ms)
			connection_send_heartbeat(self);
		if (now - self->since_ms > HEALTHY_MS)
			self->attempt = 0;
	}
	else if (now - self->since_ms > HANDSHAKE_MS && self->close_at_ms == 0)
	{
		ss_log(SS_LOG_WARNING, "connection", "no_welcome", NULL);
		lws_set_timeout(self->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
	}
}

static int begin_connect(connection *self)
{
	const agent_url *url = &self->agent->url;
	char path[1024];
	char host[300];
	bool v6 = strchr(url->host, ':') != NULL;

	snprintf(path, sizeof path, "%s/api/v1/agents/connect?agent_id=%s&instance_id=%s", url->prefix,
		self->agent->options->agent_id, self->agent->identity.instance_id);
	snprintf(host, sizeof host, "%s%s%s:%d", v6 ? "[" : "", url->host, v6 ? "]" : "", url->port);
	struct lws_client_connect_info info = {
		.context = self->context,
		.address = url->host,
		.port = url->port,
		.path = path,
		.host = host,
		.ssl_connection = url->tls ? LCCSCF_USE_SSL : 0,
		.local_protocol_name = protocols[0].name,
		.retry_and_idle_policy = &idle_policy,
		.pwsi = &self->wsi,
	};
	self->refused_status = 0;
	self->close_at_ms = 0;
	self->retry_after_ms = 0;
	set_state(self, LINK_CONNECTING);
	if (lws_client_connect_via_info(&info) == NULL)
	{
		if (self->state == LINK_CONNECTING)
			on_closed(self, "no connection could be begun");
		return -1;
	}
	return 0;
}

/* Serves until the socket is gone. */
static void serve(connection *self)
{
	while (self->state != LINK_CLOSED && lws_service(self->context, 0) >= 0)
		;
	self->wsi = NULL;
}

/* Waits, unless the agent ends meanwhile. */
static void wait_ms(connection *self, long long ms)
{
	struct timespec until = ss_time_deadline((int)ms);

	pthread_mutex_lock(&self->lock);
	while (!self->stopping &&
		   pthread_cond_clockwait(&self->changed, &self->lock, CLOCK_MONOTONIC, &until) == 0)
		;
	pthread_mutex_unlock(&self->lock);
}

static void wait_backoff(connection *self)
{
	long long ms = ss_time_backoff_ms(
		self->attempt, BACKOFF_BASE_MS, self->agent->options->reconnect_max * 1000);

	if (self->attempt < 16)
		self->attempt++;
	wait_ms(self, ms < BACKOFF_LEAST_MS ? BACKOFF_LEAST_MS : ms);
}

/* Registers; true when a connection may be tried now. */
static bool may_connect(connection *self)
{
	agent *owner = self->agent;
	enrol_status status = ENROL_PENDING;
	ss_error err = SS_ERROR_INIT;
	char prefix[9];

	if (self->approved && self->refused_status == 0)
		return true;
	snprintf(prefix, sizeof prefix, "%.8s", owner->identity.hash);
	if (enrol_register(owner->options, &owner->url, &owner->identity, &status, &err) < 0)
	{
		ss_log_error(SS_LOG_WARNING, "connection", "not_registered", &err, "agent",
			owner->options->agent_id, "key_prefix", prefix, NULL);
		wait_backoff(self);
		return false;
	}
	switch (status)
	{
	case ENROL_APPROVED:
		self->refused_status = 0;
		self->approved = true;
		return true;
	case ENROL_PENDING:
		self->approved = false;
		ss_log(SS_LOG_INFO, "connection", "approval_required", "agent", owner->options->agent_id,
			"key_prefix", prefix, NULL);
		wait_backoff(self);
		return false;
	case ENROL_REJECTED:
		self->approved = false;
		ss_log(SS_LOG_ERROR, "connection", "agent_rejected", "agent", owner->options->agent_id,
			"key_prefix", prefix, NULL);
		wait_ms(self, REJECTED_WAIT_MS);
		return false;
	}
	return false;
}

static void *run(void *arg)
{
	connection *self = arg;
	long long ignored;

	lws_sul_schedule(self->context, 0, &self->tick, on_tick, LWS_US_PER_SEC / 4);
	while (!told_to_stop(self, &ignored))
	{
		if (!may_connect(self) || told_to_stop(self, &ignored))
			continue;
		if (begin_connect(self) == 0)
			serve(self);
		if (self->refused_status != 0)
			ss_log(SS_LOG_WARNING, "connection", "refused", "status", SS_NUM(self->refused_status),
				NULL);
		if (told_to_stop(self, &ignored))
			break;
		if (self->retry_after_ms > 0)
			wait_ms(self, self->retry_after_ms);
		wait_backoff(self);
	}
	return NULL;
}

static void log_line(int level, const char *line)
{
	char text[512];

	snprintf(text, sizeof text, "%s", line);
	text[strcspn(text, "\n")] = '\0';
	ss_log(level & LLL_ERR ? SS_LOG_WARNING : SS_LOG_DEBUG, "lws", "message", "text", text, NULL);
}

int connection_start(agent *agent_, connection **ret, ss_error *err)
{
	connection *self = calloc(1, sizeof *self);
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.user = self,
		.connect_timeout_secs = HANDSHAKE_MS / 1000,
		.client_ssl_ca_filepath =
			agent_->options->ca_file && *agent_->options->ca_file ? agent_->options->ca_file : NULL,
	};

	if (self == NULL)
		return ss_fail(err, "out_of_memory", "no memory for the connection");
	self->agent = agent_;
	self->welcome.max_frame = 1 << 20;
	pthread_mutex_init(&self->lock, NULL);
	pthread_cond_init(&self->changed, NULL);
	lws_set_log_level(LLL_ERR | LLL_WARN, log_line);
	self->context = lws_create_context(&info);
	if (self->context == NULL)
	{
		free(self);
		return ss_fail(err, "internal", "libwebsockets did not start");
	}
	/* The thread may ask for it at once. */
	*ret = self;
	int code = pthread_create(&self->thread, NULL, run, self);
	if (code != 0)
	{
		*ret = NULL;
		lws_context_destroy(self->context);
		free(self);
		return ss_fail_errno(err, code, "start the connection's thread");
	}
	return 0;
}

void connection_wake(connection *self)
{
	if (self != NULL)
		lws_cancel_service(self->context);
}

void connection_stop(connection *self, int flush_ms)
{
	if (self == NULL)
		return;
	pthread_mutex_lock(&self->lock);
	self->stopping = true;
	self->flush_until_ms = ss_time_monotonic_ms() + flush_ms;
	pthread_cond_broadcast(&self->changed);
	pthread_mutex_unlock(&self->lock);
	lws_cancel_service(self->context);
	pthread_join(self->thread, NULL);
	lws_context_destroy(self->context);
	pthread_mutex_destroy(&self->lock);
	pthread_cond_destroy(&self->changed);
	free(self->frame);
	free(self);
}
