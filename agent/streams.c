/*
 * streams: the thread of the viewers' WebSocket. Threads as in streams.h.
 *
 * Everything below `context` belongs to this thread; others set what is under the lock and call
 * lws_cancel_service(). The desktops' sockets are watched by an epoll of stream_mux.c, whose
 * descriptor sits in the loop of libwebsockets as one raw file.
 */
#include "agent/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <libwebsockets.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/stream_mux.h"
#include "agent/ws_frame.h"
#include "common/log.h"
#include "common/timeutil.h"

#define MODULE "streams"
#define SERVICE_BYTES 65536
#define HANDSHAKE_S 20
#define FRAMES_A_WRITE 4
#define WRITES_A_TURN 4 /* then the loop looks at its other sockets */
#define FRAME_ROOM (WS_FRAME_HEAD + SS_STREAM_FRAME_MAX)
#define CLOSE_MS 2000   /* from asking for the end to ending it */
#define HEALTHY_MS 1000 /* connected for so long: the back-off begins anew */
#define BACKOFF_BASE_MS 1000
#define BACKOFF_LEAST_MS 100

struct streams
{
	agent *agent;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	int64_t wanted;       /* under lock: epoch to be connected for; 0 = none */
	bool held;            /* under lock: not to be dialled now */
	bool stopping;        /* under lock */
	long long stop_by_ms; /* under lock; set with stopping */

	struct lws_context *context;
	stream_mux *mux;
	struct lws *wsi;
	bool open;   /* upgraded */
	bool paused; /* nothing is read until some of what waits is sent */
	lws_sorted_usec_list_t tick;
	lws_sorted_usec_list_t redial;
	bool waiting;  /* for redial */
	int64_t epoch; /* of the socket, or of the last one */
	unsigned attempt;
	long long since_ms;
	int refused_status;
	const char *closing; /* to be closed with that reason; NULL = not */
	long long close_at_ms;
	unsigned char in[SS_STREAM_FRAME_MAX]; /* a frame that comes in pieces */
	size_t in_len;
	ws_frame_keys keys;
	unsigned char out[LWS_PRE + FRAMES_A_WRITE * FRAME_ROOM];
};

/* As the other connection: a ping after 30 s, dead after 90 s without an answer. */
static const lws_retry_bo_t idle_policy = {
	.secs_since_valid_ping = 30,
	.secs_since_valid_hangup = 90,
};

static void look(streams *self);

static int dial_desktop(void *ctx, const char *session_id, int *ret_fd, ss_error *err)
{
	streams *self = ctx;

	return self->agent->ops->dial(self->agent->driver, session_id, ret_fd, err);
}

static void ask_writable(streams *self)
{
	if (self->open && (self->closing != NULL || stream_mux_wants(self->mux)))
		lws_callback_on_writable(self->wsi);
}

/* ---- Frames. */

static int refuse(streams *self, const char *reason)
{
	ss_log(SS_LOG_WARNING, MODULE, "closing", "reason", reason, NULL);
	lws_close_reason(self->wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION,
		(unsigned char *)(uintptr_t)reason, strlen(reason) < 123 ? strlen(reason) : 123);
	return -1;
}

static int on_receive(streams *self, const unsigned char *data, size_t len)
{
	ss_error err = SS_ERROR_INIT;

	if (!lws_frame_is_binary(self->wsi))
		return refuse(self, "binary messages only");
	if (len > sizeof self->in - self->in_len)
		return refuse(self, "the message is too long");
	memcpy(self->in + self->in_len, data, len);
	self->in_len += len;
	if (!lws_is_final_fragment(self->wsi) || lws_remaining_packet_payload(self->wsi) > 0)
		return 0;
	size_t whole = self->in_len;
	self->in_len = 0;
	if (self->closing != NULL)
		return 0;
	if (stream_mux_receive(self->mux, self->in, whole, &err) < 0)
		return refuse(self, err.message);
	if (!self->paused && stream_mux_is_full(self->mux))
	{
		self->paused = true;
		lws_rx_flow_control(self->wsi, 0);
	}
	ask_writable(self);
	return 0;
}

/* What there is of some frames, by one call; 0: nothing. */
static int write_some(streams *self)
{
	unsigned char *at = self->out + LWS_PRE;
	ss_error err = SS_ERROR_INIT;
	for (int i = 0; i < FRAMES_A_WRITE; i++)
	{
		size_t len = stream_mux_take(self->mux, at + WS_FRAME_HEAD);
		if (len == 0)
			break;
		size_t whole = ws_frame_make(&self->keys, at, len, &err);
		if (whole == 0)
		{
			ss_log_error(SS_LOG_ERROR, MODULE, "no_frame", &err, NULL);
			return -1;
		}
		at += whole;
	}
	size_t len = (size_t)(at - self->out) - LWS_PRE;
	if (len == 0)
		return 0;
	/* Of this kind libwebsockets passes bytes on as they are, on a WebSocket too. */
	return lws_write(self->wsi, self->out + LWS_PRE, len, LWS_WRITE_HTTP) < 0 ? -1 : 1;
}

static int on_writable(streams *self)
{
	if (self->closing != NULL)
	{
		lws_close_reason(self->wsi, LWS_CLOSE_STATUS_GOINGAWAY,
			(unsigned char *)(uintptr_t)self->closing, strlen(self->closing));
		return -1;
	}
	for (int i = 0; i < WRITES_A_TURN; i++)
	{
		int rc = write_some(self);
		if (rc < 0)
			return -1;
		if (rc == 0 || lws_send_pipe_choked(self->wsi))
			break;
	}
	if (self->paused && !stream_mux_is_full(self->mux))
	{
		self->paused = false;
		lws_rx_flow_control(self->wsi, 1);
	}
	ask_writable(self);
	return 0;
}

/* ---- The socket's life. */

static void begin_close(streams *self, const char *reason)
{
	if (self->wsi == NULL || self->closing != NULL)
		return;
	self->closing = reason;
	self->close_at_ms = ss_time_monotonic_ms() + CLOSE_MS;
	if (self->open)
		lws_callback_on_writable(self->wsi);
	else
		lws_set_timeout(self->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

static void on_redial(lws_sorted_usec_list_t *list)
{
	streams *self = lws_container_of(list, streams, redial);

	self->waiting = false;
	look(self);
}

static void on_closed(streams *self, const char *why)
{
	long long now = ss_time_monotonic_ms();

	ss_log(SS_LOG_INFO, MODULE, self->open ? "closed" : "not_connected", "why",
		why != NULL ? why : "-", "streams", SS_NUM(stream_mux_count(self->mux)), "status",
		SS_NUM(self->refused_status), NULL);
	if (self->open && now - self->since_ms > HEALTHY_MS)
		self->attempt = 0;
	self->wsi = NULL;
	self->open = false;
	self->paused = false;
	self->closing = NULL;
	self->in_len = 0;
	stream_mux_reset(self->mux);
	long long wait_ms = ss_time_backoff_ms(
		self->attempt, BACKOFF_BASE_MS, self->agent->options->reconnect_max * 1000);
	if (wait_ms < BACKOFF_LEAST_MS)
		wait_ms = BACKOFF_LEAST_MS;
	if (self->attempt < 16)
		self->attempt++;
	self->waiting = true;
	lws_sul_schedule(
		self->context, 0, &self->redial, on_redial, (lws_usec_t)wait_ms * LWS_US_PER_MS);
	/* The thread may wait for exactly this. */
	lws_cancel_service(self->context);
}

static void connect_now(streams *self, int64_t epoch)
{
	const agent_url *url = &self->agent->url;
	char path[1024];
	char host[300];
	bool v6 = strchr(url->host, ':') != NULL;

	snprintf(path, sizeof path, "%s/api/v1/agents/stream?agent_id=%s&epoch=%lld", url->prefix,
		self->agent->options->agent_id, (long long)epoch);
	snprintf(host, sizeof host, "%s%s%s:%d", v6 ? "[" : "", url->host, v6 ? "]" : "", url->port);
	struct lws_client_connect_info info = {
		.context = self->context,
		.address = url->host,
		.port = url->port,
		.path = path,
		.host = host,
		.ssl_connection = url->tls ? LCCSCF_USE_SSL : 0,
		.protocol = SS_STREAM_PROTOCOL,
		.local_protocol_name = SS_STREAM_PROTOCOL,
		.retry_and_idle_policy = &idle_policy,
		.pwsi = &self->wsi,
	};
	self->epoch = epoch;
	self->refused_status = 0;
	self->since_ms = ss_time_monotonic_ms();
	struct lws *wsi = lws_client_connect_via_info(&info);
	if (wsi != NULL)
		self->wsi = wsi;
	else if (!self->waiting) /* nobody was called back */
		on_closed(self, "no connection could be begun");
}

/* Brings the socket to what is wanted. */
static void look(streams *self)
{
	pthread_mutex_lock(&self->lock);
	int64_t wanted = self->stopping ? 0 : self->wanted;
	bool held = self->held;
	pthread_mutex_unlock(&self->lock);
	if (self->wsi != NULL && wanted != self->epoch)
		begin_close(self, wanted == 0 ? "the agent ends its streams" : "another epoch");
	if (self->wsi != NULL || wanted == 0 || held)
		return;
	if (wanted != self->epoch)
	{
		/* News are not made to wait for what went wrong before. */
		lws_sul_cancel(&self->redial);
		self->waiting = false;
		self->attempt = 0;
	}
	if (!self->waiting)
		connect_now(self, wanted);
}

static void on_tick(lws_sorted_usec_list_t *list)
{
	streams *self = lws_container_of(list, streams, tick);
	long long now = ss_time_monotonic_ms();
	int next_ms = stream_mux_tick(self->mux, now);

	lws_sul_schedule(self->context, 0, &self->tick, on_tick, (lws_usec_t)next_ms * LWS_US_PER_MS);
	if (self->closing != NULL && now > self->close_at_ms)
		lws_set_timeout(self->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
	ask_writable(self);
	look(self);
}

static int append_key(streams *self, struct lws *wsi, unsigned char **at, unsigned char *end)
{
	const char *key = self->agent->identity.key;

	return lws_add_http_header_by_name(wsi,
		(const unsigned char *)"X-Agent-API-Key:", (const unsigned char *)key, (int)strlen(key), at,
		end);
}

static int callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct lws_context *context = lws_get_context(wsi);
	streams *self = context != NULL ? lws_context_user(context) : NULL;

	(void)user;
	if (self == NULL)
		return 0;
	switch ((int)reason)
	{
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
	{
		unsigned char **at = in;
		return append_key(self, wsi, at, *at + len);
	}
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		self->wsi = wsi;
		self->open = true;
		self->since_ms = ss_time_monotonic_ms();
		ss_log(SS_LOG_INFO, MODULE, "connected", "epoch", SS_NUM(self->epoch), NULL);
		ask_writable(self);
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
	case LWS_CALLBACK_RAW_RX_FILE:
		stream_mux_poll(self->mux);
		ask_writable(self);
		return 0;
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		look(self);
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{SS_STREAM_PROTOCOL, callback, 0, SERVICE_BYTES, 0, NULL, FRAMES_A_WRITE *FRAME_ROOM},
	{NULL, NULL, 0, 0, 0, NULL, 0},
};

static bool is_over(streams *self)
{
	pthread_mutex_lock(&self->lock);
	bool stopping = self->stopping;
	bool late = ss_time_monotonic_ms() > self->stop_by_ms;
	pthread_mutex_unlock(&self->lock);
	return stopping && (self->wsi == NULL || late);
}

static void *run(void *arg)
{
	streams *self = arg;

	lws_sul_schedule(self->context, 0, &self->tick, on_tick, LWS_US_PER_MS);
	while (!is_over(self) && lws_service(self->context, 0) >= 0)
		;
	return NULL;
}

static int start_parts(streams *self, ss_error *err)
{
	const agent_options *options = self->agent->options;
	const stream_mux_config config = {
		.max_streams = (size_t)options->max_streams,
		.window = (size_t)options->stream_buffer,
		.connect_timeout_ms = (int)options->stream_connect_timeout * 1000,
		.dial = dial_desktop,
		.ctx = self,
	};
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		/* Of the TLS state of a second context libwebsockets 4.1 frees nothing, not even at exit.
		 */
		.options = self->agent->url.tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0,
		.user = self,
		.connect_timeout_secs = HANDSHAKE_S,
		.timeout_secs = HANDSHAKE_S,
		.pt_serv_buf_size = SERVICE_BYTES,
		.client_ssl_ca_filepath = options->ca_file && *options->ca_file ? options->ca_file : NULL,
	};

	if (stream_mux_new(&config, &self->mux, err) < 0)
		return -1;
	self->context = lws_create_context(&info);
	if (self->context == NULL)
		return ss_fail(err, "internal", "libwebsockets did not start");
	/* A copy: the loop closes what it adopted. */
	lws_sock_file_fd_type file = {.filefd = fcntl(stream_mux_fd(self->mux), F_DUPFD_CLOEXEC, 3)};
	struct lws_vhost *vhost = lws_get_vhost_by_name(self->context, "default");
	if (file.filefd < 0 || vhost == NULL ||
		lws_adopt_descriptor_vhost(vhost, LWS_ADOPT_RAW_FILE_DESC, file, protocols[0].name, NULL) ==
			NULL)
		return ss_fail(err, "internal", "libwebsockets took no descriptor");
	int code = pthread_create(&self->thread, NULL, run, self);
	if (code != 0)
		return ss_fail_errno(err, code, "start the streams' thread");
	self->started = true;
	return 0;
}

int streams_start(agent *agent_, streams **ret, ss_error *err)
{
	streams *self = calloc(1, sizeof *self);

	if (self == NULL)
		return ss_fail(err, "out_of_memory", "no memory for streams");
	self->agent = agent_;
	pthread_mutex_init(&self->lock, NULL);
	if (start_parts(self, err) < 0)
	{
		streams_free(self);
		return -1;
	}
	*ret = self;
	return 0;
}

static void tell(streams *self, int64_t epoch, bool held, bool stopping)
{
	pthread_mutex_lock(&self->lock);
	if (epoch >= 0)
		self->wanted = epoch;
	self->held = held;
	if (stopping && !self->stopping)
		self->stop_by_ms = ss_time_monotonic_ms() + CLOSE_MS * 2;
	self->stopping |= stopping;
	pthread_mutex_unlock(&self->lock);
	lws_cancel_service(self->context);
}

void streams_set_epoch(streams *self, int64_t epoch)
{
	if (self != NULL)
		tell(self, epoch, false, false);
}

void streams_hold(streams *self)
{
	if (self != NULL)
		tell(self, -1, true, false);
}

void streams_stop(streams *self)
{
	if (self == NULL || !self->started)
		return;
	tell(self, -1, true, true);
	pthread_join(self->thread, NULL);
	self->started = false;
}

void streams_free(streams *self)
{
	if (self == NULL)
		return;
	streams_stop(self);
	if (self->context != NULL)
		lws_context_destroy(self->context);
	stream_mux_free(self->mux);
	pthread_mutex_destroy(&self->lock);
	free(self);
}
