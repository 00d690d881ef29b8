/* httpd: daemons, the registry of connections, deadlines. */
#include "server/httpd.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/timeutil.h"
#include "server/request.h"

/* libmicrohttpd's own limit, and ours below it: its count falls a little later than ours. */
#define DAEMON_LIMIT 125
#define DAEMON_TARGET 120
#define CONNECTION_MEMORY ((size_t)32 << 10)

typedef struct httpd_daemon
{
	httpd *owner;
	struct MHD_Daemon *daemon;
	atomic_int connections;
} httpd_daemon;

struct httpd_conn
{
	httpd_conn *prev, *next; /* under the owner's lock */
	httpd_daemon *daemon;
	int fd;
	atomic_llong deadline_ms; /* 0: none */
};

struct httpd
{
	server *server;
	unsigned listener;
	int max_connections;
	atomic_int connections;
	pthread_mutex_t lock;
	httpd_conn *first;
	size_t daemon_count;
	httpd_daemon daemons[];
};

httpd_conn *httpd_conn_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info ? info->socket_context : NULL;
}

unsigned httpd_conn_listener(const httpd_conn *conn)
{
	return conn->daemon->owner->listener;
}

void httpd_conn_deadline(httpd_conn *conn, long long timeout_s)
{
	atomic_store(&conn->deadline_ms, timeout_s ? ss_time_monotonic_ms() + timeout_s * 1000 : 0);
}

static void connection_opened(
	httpd_daemon *daemon, struct MHD_Connection *connection, void **context)
{
	httpd *h = daemon->owner;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	httpd_conn *conn = calloc(1, sizeof *conn);
	*context = conn;
	if (conn == NULL)
		return; /* its requests are refused by request_handle() */
	conn->daemon = daemon;
	conn->fd = info ? info->connect_fd : -1;
	httpd_conn_deadline(conn, h->server->config->idle_timeout);
	pthread_mutex_lock(&h->lock);
	conn->next = h->first;
	if (h->first)
		h->first->prev = conn;
	h->first = conn;
	pthread_mutex_unlock(&h->lock);
}

/* libmicrohttpd closes the socket after this: until we return, fd is still this connection's. */
static void connection_closed(httpd_daemon *daemon, void **context)
{
	httpd *h = daemon->owner;
	httpd_conn *conn = *context;
	*context = NULL;
	atomic_fetch_sub(&h->connections, 1);
	atomic_fetch_sub(&daemon->connections, 1);
	if (conn == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		h->first = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	pthread_mutex_unlock(&h->lock);
	free(conn);
}

static void notify_connection(void *cls, struct MHD_Connection *connection, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		connection_opened(cls, connection, context);
	else
		connection_closed(cls, context);
}

/* Paths and queries stay as they came: route.c and request_check.c unescape them strictly. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
	(void)cls;
	(void)connection;
	return strlen(text);
}

__attribute__((format(printf, 2, 0))) static void log_line(void *cls, const char *fmt, va_list args)
{
	(void)cls;
	char text[512];
	vsnprintf(text, sizeof text, fmt, args);
	text[strcspn(text, "\r\n")] = '\0';
	ss_log(SS_LOG_DEBUG, "httpd", "library", "text", text, NULL);
}

static struct MHD_Daemon *start_daemon(httpd_daemon *d, int listen_fd)
{
	unsigned flags =
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem listen[2] = {{MHD_OPTION_END, 0, NULL}, {MHD_OPTION_END, 0, NULL}};
	server *s = d->owner->server;

	if (listen_fd >= 0)
		listen[0] = (struct MHD_OptionItem){MHD_OPTION_LISTEN_SOCKET, listen_fd, NULL};
	else
		flags |= MHD_USE_NO_LISTEN_SOCKET;
	return MHD_start_daemon(flags, 0, NULL, NULL, request_handle, s, MHD_OPTION_EXTERNAL_LOGGER,
		log_line, NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned)DAEMON_LIMIT,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)s->config->send_timeout, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_NOTIFY_COMPLETED,
		request_completed, s, MHD_OPTION_NOTIFY_CONNECTION, notify_connection, d, MHD_OPTION_ARRAY,
		listen, MHD_OPTION_END);
}

int httpd_start(server *s, const httpd_config *config, httpd **ret, ss_error *err)
{
	size_t count = 1;
	if (config->listen_fd < 0)
		count = ((size_t)config->max_connections + DAEMON_TARGET - 1) / DAEMON_TARGET;
	httpd *h = calloc(1, sizeof *h + count * sizeof h->daemons[0]);
	if (h == NULL)
		return ss_fail(err, "internal", "out of memory");
	h->server = s;
	h->listener = config->listener;
	h->max_connections = config->max_connections;
	pthread_mutex_init(&h->lock, NULL);
	for (; h->daemon_count < count; h->daemon_count++)
	{
		httpd_daemon *d = &h->daemons[h->daemon_count];
		d->owner = h;
		d->daemon = start_daemon(d, config->listen_fd);
		if (d->daemon == NULL)
		{
			httpd_stop(h);
			return ss_fail(err, "internal", "libmicrohttpd does not start");
		}
	}
	*ret = h;
	return 0;
}

int httpd_add(httpd *h, int fd, const struct sockaddr *address, socklen_t len)
{
	if (atomic_load(&h->connections) >= h->max_connections)
		return 1;
	httpd_daemon *best = &h->daemons[0];
	for (size_t i = 1; i < h->daemon_count; i++)
		if (atomic_load(&h->daemons[i].connections) < atomic_load(&best->connections))
			best = &h->daemons[i];
	if (atomic_load(&best->connections) >= DAEMON_TARGET)
		return 1;
	atomic_fetch_add(&h->connections, 1);
	atomic_fetch_add(&best->connections, 1);
	if (MHD_add_connection(best->daemon, fd, address, len) != MHD_YES)
	{
		/* The library has closed the socket. */
		atomic_fetch_sub(&h->connections, 1);
		atomic_fetch_sub(&best->connections, 1);
	}
	return 0;
}

int httpd_connections(const httpd *h)
{
	return atomic_load(&h->connections);
}

void httpd_expire(httpd *h, long long now_ms)
{
	pthread_mutex_lock(&h->lock);
	for (httpd_conn *conn = h->first; conn != NULL; conn = conn->next)
	{
		long long deadline = atomic_load(&conn->deadline_ms);
		if (deadline != 0 && deadline <= now_ms)
		{
			/* The library sees the end of the stream and closes. */
			shutdown(conn->fd, SHUT_RDWR);
			atomic_store(&conn->deadline_ms, 0);
		}
	}
	pthread_mutex_unlock(&h->lock);
}

void httpd_stop(httpd *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->daemon_count; i++)
		MHD_stop_daemon(h->daemons[i].daemon);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
