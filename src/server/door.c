/* door: an epoll loop over the listening socket and a bounded table of the undecided. */
#include "server/door.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "common/timeutil.h"
#include "server/door_request.h"
#include "server/httpd.h"
#include "server/metrics.h"

/* After our own 503 the client gets this long to read it: closing with its request unread would
 * reset the connection and lose the answer. */
#define LINGER_MS 1000
#define ACCEPT_PAUSE_MS 100
#define EVENTS 64

typedef enum guest_state
{
	GUEST_WAITING,
	GUEST_LINGERING,
	GUEST_STATES,
} guest_state;

typedef struct guest
{
	struct guest *prev, *next;
	guest_state state;
	int fd;
	long long deadline_ms;
	socklen_t address_len;
	struct sockaddr_storage address;
} guest;

typedef struct guest_list
{
	guest *first, *last; /* in order of deadline */
} guest_list;

struct door
{
	server *server;
	door_config config;
	pthread_t thread;
	int epoll_fd, stop_fd;
	bool paused; /* out of descriptors: the listening socket is not watched */
	long long paused_until_ms;
	guest_list lists[GUEST_STATES];
	guest *free;
	atomic_int pending;
	atomic_bool stopping;
	guest guests[];
};

/* What the door answers by itself; without a request_id, because there is no request yet. */
typedef struct door_answer
{
	const char *status, *code, *title, *detail, *header;
	metrics_door_event event;
} door_answer;

static const door_answer answer_full = {"503 Service Unavailable", "overloaded",
	"The server is overloaded", "There are too many connections.", "Retry-After: 2\r\n",
	METRICS_DOOR_REFUSED_FULL};
static const door_answer answer_malformed = {"400 Bad Request", "bad_request",
	"The request is malformed", "The first line is no request line of HTTP/1.1.", "",
	METRICS_DOOR_REFUSED_MALFORMED};
static const door_answer answer_version = {"505 HTTP Version Not Supported", "bad_request",
	"The request is malformed", "This server speaks HTTP/1.1 and HTTP/1.0.", "",
	METRICS_DOOR_REFUSED_MALFORMED};

/* What /metrics tells is of the public port. */
static void door_count(door *d, metrics_door_event event)
{
	if (d->config.side == DOOR_PUBLIC)
		metrics_door(d->server->metrics, event);
}

static void list_add(guest_list *list, guest *g)
{
	g->prev = list->last;
	g->next = NULL;
	if (list->last)
		list->last->next = g;
	else
		list->first = g;
	list->last = g;
}

static void list_remove(guest_list *list, guest *g)
{
	if (g->prev)
		g->prev->next = g->next;
	else
		list->first = g->next;
	if (g->next)
		g->next->prev = g->prev;
	else
		list->last = g->prev;
}

/* Forgets a guest whose socket is somebody else's now, or closed. */
static void guest_forget(door *d, guest *g)
{
	list_remove(&d->lists[g->state], g);
	g->fd = -1;
	g->next = d->free;
	d->free = g;
	atomic_fetch_sub(&d->pending, 1);
}

static void guest_close(door *d, guest *g)
{
	close(g->fd); /* leaves epoll by itself */
	guest_forget(d, g);
}

static void guest_unwatch(door *d, const guest *g)
{
	(void)epoll_ctl(d->epoll_fd, EPOLL_CTL_DEL, g->fd, NULL);
}

static bool guest_watch(door *d, guest *g)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = g};
	if (epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, g->fd, &event) == 0)
		return true;
	return errno == EEXIST;
}

static int print_answer(const door_answer *a, char *buf, size_t size)
{
	char body[512];
	int len = snprintf(body, sizeof body,
		"{\"type\":\"urn:streamspace:error:%s\",\"title\":\"%s\",\"status\":%.3s,\"code\":\"%s\","
		"\"detail\":\"%s\"}",
		a->code, a->title, a->status, a->code, a->detail);
	return snprintf(buf, size,
		"HTTP/1.1 %s\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n"
		"Cache-Control: no-store\r\n%sConnection: close\r\n\r\n%s",
		a->status, len, a->header, body);
}

static void guest_refuse(door *d, guest *g, const door_answer *a)
{
	char text[1024];
	door_count(d, a->event);
	int len = print_answer(a, text, sizeof text);
	ssize_t sent = send(g->fd, text, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 || shutdown(g->fd, SHUT_WR) != 0 || !guest_watch(d, g))
	{
		guest_close(d, g);
		return;
	}
	list_remove(&d->lists[g->state], g);
	g->state = GUEST_LINGERING;
	g->deadline_ms = ss_time_monotonic_ms() + LINGER_MS;
	list_add(&d->lists[GUEST_LINGERING], g);
}

static void guest_linger(door *d, guest *g)
{
	char drop[4096];
	ssize_t n;
	while ((n = recv(g->fd, drop, sizeof drop, MSG_DONTWAIT)) > 0)
		;
	if (n == 0 || errno != EAGAIN)
		guest_close(d, g);
}

static void guest_to_http(door *d, guest *g)
{
	guest_unwatch(d, g);
	if (httpd_add(d->config.http, g->fd, (struct sockaddr *)&g->address, g->address_len))
	{
		guest_refuse(d, g, &answer_full);
		return;
	}
	door_count(d, METRICS_DOOR_TO_HTTP);
	guest_forget(d, g);
}

/* Hands the guest on as soon as it is clear to whom. */
static void guest_look(door *d, guest *g)
{
	char buf[DOOR_HEAD_MAX];
	size_t head_len = 0;
	socket_class class = SOCKET_CLASSES;
	ssize_t n = recv(g->fd, buf, sizeof buf, MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
	{
		if (!guest_watch(d, g))
			guest_close(d, g);
		return;
	}
	if (n <= 0)
	{
		door_count(d, METRICS_DOOR_HUNG_UP);
		guest_close(d, g);
		return;
	}
	switch (door_classify(buf, (size_t)n, d->config.side, &head_len, &class))
	{
	case DOOR_MORE:
		if (!guest_watch(d, g))
			guest_close(d, g);
		break;
	case DOOR_HTTP:
		guest_to_http(d, g);
		break;
	case DOOR_SOCKET:
		guest_unwatch(d, g);
		door_count(d, METRICS_DOOR_TO_AGENTS);
		(void)dispatch_offer(
			d->server->dispatch, class, g->fd, (struct sockaddr *)&g->address, buf, head_len);
		guest_forget(d, g);
		break;
	case DOOR_MALFORMED:
		guest_refuse(d, g, &answer_malformed);
		break;
	case DOOR_VERSION:
		guest_refuse(d, g, &answer_version);
		break;
	}
}

/* A free place in the table; the one that has waited longest makes room. */
static guest *guest_new(door *d)
{
	if (d->free == NULL)
	{
		guest *oldest = d->lists[GUEST_LINGERING].first;
		if (oldest == NULL)
		{
			oldest = d->lists[GUEST_WAITING].first;
			door_count(d, METRICS_DOOR_TIMED_OUT);
		}
		guest_close(d, oldest);
	}
	guest *g = d->free;
	d->free = g->next;
	atomic_fetch_add(&d->pending, 1);
	return g;
}

static void pause_accepting(door *d, int errnum)
{
	ss_log(SS_LOG_WARNING, "door", "accept_failed", "error", strerror(errnum), NULL);
	(void)epoll_ctl(d->epoll_fd, EPOLL_CTL_DEL, d->config.listen_fd, NULL);
	d->paused = true;
	d->paused_until_ms = ss_time_monotonic_ms() + ACCEPT_PAUSE_MS;
}

static void accept_all(door *d)
{
	for (;;)
	{
		struct sockaddr_storage address;
		socklen_t len = sizeof address;
		int fd = accept4(
			d->config.listen_fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
		{
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
				pause_accepting(d, errno);
			else if (errno == ECONNABORTED || errno == EINTR || errno == EPROTO)
				continue;
			return;
		}
		door_count(d, METRICS_DOOR_ACCEPTED);
		guest *g = guest_new(d);
		g->fd = fd;
		g->state = GUEST_WAITING;
		g->address = address;
		g->address_len = len;
		g->deadline_ms = ss_time_monotonic_ms() + DOOR_PATIENCE_MS;
		list_add(&d->lists[GUEST_WAITING], g);
		guest_look(d, g);
	}
}

static bool watch_listener(door *d)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = &d->config.listen_fd};
	return epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, d->config.listen_fd, &event) == 0;
}

/* Closes who is overdue; returns the time until the next is, at most a second. */
static int expire(door *d)
{
	long long now = ss_time_monotonic_ms();
	long long next = now + 1000;
	for (int state = 0; state < GUEST_STATES; state++)
	{
		guest *g;
		while ((g = d->lists[state].first) != NULL && g->deadline_ms <= now)
		{
			if (state == GUEST_WAITING)
				door_count(d, METRICS_DOOR_TIMED_OUT);
			guest_close(d, g);
		}
		if (g != NULL && g->deadline_ms < next)
			next = g->deadline_ms;
	}
	if (d->paused && d->paused_until_ms <= now)
		d->paused = !watch_listener(d);
	if (d->paused && d->paused_until_ms < next)
		next = d->paused_until_ms > now ? d->paused_until_ms : now + 10;
	return (int)(next - now);
}

static void *thread_main(void *arg)
{
	door *d = arg;
	while (!atomic_load(&d->stopping))
	{
		struct epoll_event events[EVENTS];
		int n = epoll_wait(d->epoll_fd, events, EVENTS, expire(d));
		bool knocked = false;
		for (int i = 0; i < n; i++)
		{
			if (events[i].data.ptr == &d->config.listen_fd)
				knocked = true;
			else if (events[i].data.ptr != &d->stop_fd)
			{
				guest *g = events[i].data.ptr;
				if (g->state == GUEST_LINGERING)
					guest_linger(d, g);
				else
					guest_look(d, g);
			}
		}
		/* Last: a place that is given to a newcomer must not have an event left in this round. */
		if (knocked)
			accept_all(d);
	}
	accept_all(d);
	close(d->config.listen_fd);
	for (int state = 0; state < GUEST_STATES; state++)
		while (d->lists[state].first)
			guest_close(d, d->lists[state].first);
	return NULL;
}

int door_start(server *s, const door_config *config, door **ret, ss_error *err)
{
	size_t count = (size_t)config->max_pending;
	door *d = calloc(1, sizeof *d + count * sizeof d->guests[0]);
	if (d == NULL)
	{
		close(config->listen_fd);
		return ss_fail(err, "internal", "out of memory");
	}
	d->server = s;
	d->config = *config;
	for (size_t i = 0; i < count; i++)
	{
		d->guests[i].fd = -1;
		d->guests[i].next = d->free;
		d->free = &d->guests[i];
	}
	d->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	d->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = &d->stop_fd};
	if (d->epoll_fd >= 0 && d->stop_fd >= 0 &&
		epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, d->stop_fd, &event) == 0 && watch_listener(d) &&
		pthread_create(&d->thread, NULL, thread_main, d) == 0)
	{
		*ret = d;
		return 0;
	}
	close(config->listen_fd);
	if (d->epoll_fd >= 0)
		close(d->epoll_fd);
	if (d->stop_fd >= 0)
		close(d->stop_fd);
	free(d);
	return ss_fail(err, "internal", "the front door does not start");
}

void door_stop(door *d)
{
	if (d == NULL || atomic_exchange(&d->stopping, true))
		return;
	(void)eventfd_write(d->stop_fd, 1);
	pthread_join(d->thread, NULL);
	close(d->epoll_fd);
	close(d->stop_fd);
}

void door_free(door *d)
{
	if (d == NULL)
		return;
	door_stop(d);
	free(d);
}

int door_pending(const door *d)
{
	return d ? atomic_load(&d->pending) : 0;
}
