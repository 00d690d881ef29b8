/*
 * dispatch_loop: libwebsockets on libev, and the queue of events from other threads.
 *
 * The libev loop is ours (a "foreign" one to libwebsockets), so that we decide when it ends and no
 * signal handler is installed. libwebsockets' default, poll(), costs milliseconds with thousands
 * of idle agents; libev is a plugin of a package of its own, and its absence is told clearly.
 */
#include "server/dispatch_loop.h"

#include <errno.h>
#include <ev.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/stream_frame.h"
#include "common/timeutil.h"
#include "server/agent_conn.h"
#include "server/byte_queue.h"
#include "server/event_socket.h"
#include "server/listener.h"
#include "server/stream_socket.h"
#include "server/viewer_conn.h"

#define TICK_US (250 * LWS_US_PER_MS)
#define LINGER_SECONDS 2
#define LINGER_MAX 1024
/* Time that v3 agents have to close by themselves after goaway. */
#define GOODBYE_MS 1000
/* Per connection; longer messages arrive in pieces and are put together. */
#define RX_CHUNK 2048
#define RAW_CHUNK 65536
/* Bytes of one call of send(); when it is not said, libwebsockets takes RX_CHUNK. */
#define TX_CHUNK (BYTE_QUEUE_PIECE + BYTE_QUEUE_HEAD)
/* The front door lets heads of 8 KiB pass. */
#define HEADER_BYTES 12288
/* libwebsockets allocates by the limit on descriptors, which may be 2^30 in a container. */
#define DESCRIPTORS_MAX 1048576

struct dispatch_loop
{
	struct ev_loop *ev;
	struct lws_context *context;
	struct lws_vhost *vhost;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock;
	loop_event *first; /* under lock */
	loop_event **last;
	pthread_cond_t taken;
	unsigned long long posted_count; /* under lock */
	unsigned long long taken_count;
	bool ended; /* nobody takes events any more */
	/* loop thread only */
	lws_sorted_usec_list_t tick;
	dispatch *d;
	int lingering;
};

struct lws_vhost *dispatch_loop_vhost(dispatch *d)
{
	return d->loop->vhost;
}

loop_event *dispatch_loop_new_event(loop_event_kind kind)
{
	loop_event *event = calloc(1, sizeof(*event));

	if (!event)
		return NULL;
	event->kind = kind;
	event->fd = -1;
	return event;
}

void dispatch_loop_free_event(loop_event *event)
{
	if (!event)
		return;
	agent_offer_free(event->offer);
	socket_offer_free(event->socket);
	agent_frame_free(event->frame);
	PQfinish(event->listen);
	if (event->fd >= 0)
		close(event->fd);
	free(event);
}

void dispatch_loop_post(dispatch *d, loop_event *events)
{
	dispatch_loop *loop = d->loop;
	loop_event *end = events;

	while (end->next)
		end = end->next;
	pthread_mutex_lock(&loop->lock);
	*loop->last = events;
	loop->last = &end->next;
	loop->posted_count++;
	bool ended = loop->ended;

	pthread_mutex_unlock(&loop->lock);
	if (!ended)
		lws_cancel_service(loop->context);
}

static agent_conn *find_conn(dispatch *d, const char *agent, long long epoch)
{
	agent_entry *entry = agent_registry_find(d->registry, agent);

	return entry && entry->epoch == epoch ? entry->conn : NULL;
}

static void on_adopt(dispatch *d, loop_event *event)
{
	agent_conn_open(d, ss_steal_ptr(event->offer));
}

static void on_probe(dispatch *d, loop_event *event)
{
	agent_offer *offer = ss_steal_ptr(event->offer);
	agent_conn *conn = find_conn(d, offer->head.agent, offer->rival_epoch);

	if (conn)
	{
		agent_conn_probe(conn, offer);
		return;
	}
	/* The database remembers a connection of ours that we have not: of before a restart. */
	offer->verdict = AGENT_VERDICT_SILENT;
	agent_admission_offer(d, offer);
}

static void on_open(dispatch *d, loop_event *event)
{
	socket_handlers[event->socket->class]->open(d, event->socket);
}

static void on_cut(dispatch *d, loop_event *event)
{
	viewer_conn_cut(d, event->agent, event->text);
}

static void on_linger(dispatch *d, loop_event *event)
{
	lws_adopt_desc_t desc = {
		.vh = dispatch_loop_vhost(d),
		.type = LWS_ADOPT_RAW_FILE_DESC,
		.fd.filefd = event->fd,
		.vh_prot_name = LOOP_LINGER_PROTOCOL,
	};

	if (d->loop->lingering >= LINGER_MAX)
		return; /* closed with the event */
	event->fd = -1;
	struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&desc);

	if (!wsi)
		return;
	d->loop->lingering++;
	lws_set_timeout(wsi, PENDING_TIMEOUT_CLOSE_ACK, LINGER_SECONDS);
}

static void on_send(dispatch *d, loop_event *event)
{
	agent_conn *conn = find_conn(d, event->agent, event->epoch);

	if (conn)
		agent_conn_send(conn, ss_steal_ptr(event->frame));
	else
		DISPATCH_COUNT(d, commands_undelivered);
}

static void on_close(dispatch *d, loop_event *event)
{
	agent_conn *conn = find_conn(d, event->agent, event->epoch);

	if (!conn)
		return;
	stream_socket *streams = stream_table_find(d->streams, event->agent);

	agent_conn_shut(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, event->text);
	if (streams)
		stream_socket_shut(streams, LWS_CLOSE_STATUS_POLICY_VIOLATION, event->text);
}

static void resume_one(void *conn, void *arg)
{
	agent_conn_review_holds(conn, *(long long *)arg);
}

static void on_resume(dispatch *d, loop_event *event)
{
	long long now_ms = ss_time_monotonic_ms();

	(void)event;
	agent_registry_each(d->registry, resume_one, &now_ms);
}

static void on_listen(dispatch *d, loop_event *event)
{
	listener_watch(d, ss_steal_ptr(event->listen));
}

static void on_step(dispatch *d, loop_event *event)
{
	(void)event;
	listener_step(d);
}

static void on_events(dispatch *d, loop_event *event)
{
	(void)event;
	event_sockets_flush(d);
}

static void goodbye_one(void *conn, void *arg)
{
	agent_conn_say_goodbye(conn, *(long long *)arg, GOODBYE_MS);
}

static void on_goodbye(dispatch *d, loop_event *event)
{
	long long now_ms = ss_time_monotonic_ms();

	(void)event;
	agent_registry_each(d->registry, goodbye_one, &now_ms);
	stream_table_say_goodbye(d);
}

static void on_stop(dispatch *d, loop_event *event)
{
	(void)event;
	ev_break(d->loop->ev, EVBREAK_ALL);
}

static void (*const handlers[LOOP_EVENT_KINDS])(dispatch *d, loop_event *event) = {
	[LOOP_ADOPT] = on_adopt,
	[LOOP_PROBE] = on_probe,
	[LOOP_OPEN] = on_open,
	[LOOP_CUT] = on_cut,
	[LOOP_LINGER] = on_linger,
	[LOOP_SEND] = on_send,
	[LOOP_CLOSE] = on_close,
	[LOOP_RESUME] = on_resume,
	[LOOP_LISTEN] = on_listen,
	[LOOP_STEP] = on_step,
	[LOOP_EVENTS] = on_events,
	[LOOP_GOODBYE] = on_goodbye,
	[LOOP_STOP] = on_stop,
};

static void take_events(dispatch *d)
{
	dispatch_loop *loop = d->loop;

	pthread_mutex_lock(&loop->lock);
	loop_event *event = loop->first, *next;
	unsigned long long taken_count = loop->posted_count;

	loop->first = NULL;
	loop->last = &loop->first;
	pthread_mutex_unlock(&loop->lock);
	if (!event)
		return;
	for (; event; event = next)
	{
		next = event->next;
		event->next = NULL;
		handlers[event->kind](d, event);
		dispatch_loop_free_event(event);
	}
	pthread_mutex_lock(&loop->lock);
	loop->taken_count = taken_count;
	pthread_cond_broadcast(&loop->taken);
	pthread_mutex_unlock(&loop->lock);
}

void dispatch_loop_wait_taken(dispatch *d, int timeout_ms)
{
	dispatch_loop *loop = d->loop;
	struct timespec deadline = ss_time_deadline(timeout_ms);

	pthread_mutex_lock(&loop->lock);
	unsigned long long wanted = loop->posted_count;

	while (loop->taken_count < wanted &&
		   pthread_cond_clockwait(&loop->taken, &loop->lock, CLOCK_MONOTONIC, &deadline) == 0)
		;
	pthread_mutex_unlock(&loop->lock);
}

static void tick_one(void *conn, void *arg)
{
	agent_conn_tick(conn, *(long long *)arg);
}

static void on_tick(lws_sorted_usec_list_t *sul)
{
	dispatch_loop *loop = lws_container_of(sul, dispatch_loop, tick);
	long long now_ms = ss_time_monotonic_ms();

	agent_registry_each(loop->d->registry, tick_one, &now_ms);
	stream_table_tick(loop->d, now_ms);
	event_sockets_tick(loop->d, now_ms);
	lws_sul_schedule(loop->context, 0, &loop->tick, on_tick, TICK_US);
}

/* protocols[0]: sockets of all classes, and the wake-up by lws_cancel_service(). */
static int first_callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED)
	{
		dispatch *d = lws_context_user(lws_get_context(wsi));

		if (d->loop)
			take_events(d);
		return 0;
	}
	return socket_callback(wsi, reason, user, in, len);
}

static int listen_callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	dispatch *d = lws_context_user(lws_get_context(wsi));

	(void)user;
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_RAW_RX_FILE)
		return listener_read(d);
	if (reason == LWS_CALLBACK_RAW_CLOSE_FILE)
		listener_lose(d);
	return 0;
}

/* Refused peers: read and forget what they still say, until they close or time is over. */
static int linger_callback(
	struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	dispatch *d = lws_context_user(lws_get_context(wsi));
	char scratch[4096];

	(void)user;
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_RAW_CLOSE_FILE)
		d->loop->lingering--;
	if (reason != LWS_CALLBACK_RAW_RX_FILE)
		return 0;
	ssize_t got = read(lws_get_socket_fd(wsi), scratch, sizeof(scratch));

	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)) ? 0 : -1;
}

static const struct lws_protocols protocols[] = {
	{"any", first_callback, 0, RX_CHUNK, 0, NULL, TX_CHUNK},
	{"binary", socket_callback, 0, RX_CHUNK, 0, NULL, TX_CHUNK},
	{SS_STREAM_PROTOCOL, socket_callback, 0, SS_STREAM_FRAME_MAX, 0, NULL, 0},
	{"raw", socket_callback, 0, RAW_CHUNK, 0, NULL, TX_CHUNK},
	{LOOP_LISTEN_PROTOCOL, listen_callback, 0, 0, 0, NULL, 0},
	{LOOP_LINGER_PROTOCOL, linger_callback, 0, 0, 0, NULL, 0},
	{NULL, NULL, 0, 0, 0, NULL, 0},
};

static void on_lws_log(int level, const char *line)
{
	(void)level;
	ss_log(SS_LOG_WARNING, "lws", "message", "text", line, NULL);
}

static void cap_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > DESCRIPTORS_MAX)
	{
		limit.rlim_cur = DESCRIPTORS_MAX;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int make_context(dispatch *d, ss_error *err)
{
	dispatch_loop *loop = d->loop;
	void *foreign[] = {loop->ev};
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
		.foreign_loops = foreign,
		.pt_serv_buf_size = 65536,
		.max_http_header_data = HEADER_BYTES,
		.timeout_secs = (unsigned int)d->cfg.handshake_seconds,
		.vhost_name = "sockets",
		.user = d,
	};

	cap_descriptors();
	lws_set_log_level(LLL_ERR, on_lws_log);
	loop->context = lws_create_context(&info);
	if (!loop->context)
		return ss_fail(err, "internal",
			"libwebsockets cannot start its libev event loop: it needs the Debian package "
			"libwebsockets-evlib-ev");
	loop->vhost = lws_create_vhost(loop->context, &info);
	if (!loop->vhost)
		return ss_fail(err, "internal", "libwebsockets cannot make the vhost of our sockets");
	return 0;
}

static void *run(void *arg)
{
	dispatch *d = arg;
	dispatch_loop *loop = d->loop;

	lws_sul_schedule(loop->context, 0, &loop->tick, on_tick, TICK_US);
	lws_cancel_service(loop->context); /* the first event arms libwebsockets' timer */
	ev_run(loop->ev, 0);
	return NULL;
}

int dispatch_loop_start(dispatch *d, ss_error *err)
{
	dispatch_loop *loop = d->loop = calloc(1, sizeof(*loop));

	if (!loop)
		return ss_fail(err, "internal", "no memory for the event loop");
	loop->d = d;
	loop->last = &loop->first;
	pthread_mutex_init(&loop->lock, NULL);
	pthread_cond_init(&loop->taken, NULL);
	loop->ev = ev_loop_new(EVFLAG_AUTO);
	if (!loop->ev)
		return ss_fail(err, "internal", "libev cannot make an event loop");
	if (make_context(d, err) || dispatch_thread_start(&loop->thread, "loop", run, d, err))
		return -1;
	loop->started = true;
	return 0;
}

void dispatch_loop_stop(dispatch *d)
{
	dispatch_loop *loop = d->loop;

	if (!loop)
		return;
	if (loop->started)
	{
		loop_event *event;

		while (!(event = dispatch_loop_new_event(LOOP_STOP)))
			ss_time_sleep_ms(10);
		dispatch_loop_post(d, event);
		pthread_join(loop->thread, NULL);
		loop->ended = true;
	}
	/* Closing the sockets calls back into agent_conn, here instead of in the ended thread. */
	if (loop->context)
	{
		lws_sul_cancel(&loop->tick);
		lws_context_destroy(loop->context);
	}
	for (loop_event *event = loop->first, *next; event; event = next)
	{
		next = event->next;
		dispatch_loop_free_event(event);
	}
	if (loop->ev)
		ev_loop_destroy(loop->ev);
	pthread_cond_destroy(&loop->taken);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
	d->loop = NULL;
}
