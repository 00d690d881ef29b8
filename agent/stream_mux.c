/*
 * stream_mux: the streams of one socket. Threads as in stream_mux.h.
 *
 * Credit. The control plane says with OPEN and CREDIT how many bytes of DATA it will take, which
 * is `credit` here. Ours to it is `window`, split at any time into what it may still send
 * (granted), what waits for the desktop (pending) and what was written but not given back yet
 * (consumed).
 *
 * Sockets are watched edge-triggered: `readable` remembers an edge until a read finds nothing, so
 * that a stream without credit costs nothing while its desktop has more to say.
 */
#include "agent/stream_mux.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/timeutil.h"

#define BUCKETS 1024
#define EVENTS_MAX 64
#define REFUSALS_MAX 64 /* streams above max_streams that still have to be told so */
#define ENDING_MS 5000  /* for what the viewer sent before it went */
#define DIAL_AGAIN_MS 20
#define LOOK_MS 1000 /* between two looks at sessions and time-outs */

typedef enum stream_state
{
	STREAM_DIALLING,   /* the desktop takes nobody at this moment: tried again */
	STREAM_CONNECTING, /* until the socket is writable */
	STREAM_OPEN,
	STREAM_ENDING, /* closed by the control plane; the desktop gets what waits */
	STREAM_OVER,   /* only its last frame is left */
} stream_state;

typedef struct stream
{
	TAILQ_ENTRY(stream) all;
	TAILQ_ENTRY(stream) queue; /* of those that have something to say */
	struct stream *chain;      /* of its bucket */
	uint32_t id;
	stream_state state;
	int fd;
	long long deadline_ms; /* of all states but STREAM_OPEN */

	uint32_t credit; /* bytes that may be sent */
	bool readable;
	bool hangup; /* the desktop closed its side: read until the end */
	bool queued;

	uint32_t granted;
	uint32_t consumed;
	unsigned char *pending; /* window bytes when there are any, else NULL */
	size_t pending_at;
	size_t pending_len;
	bool deaf; /* the desktop takes no more; what it still says is read */

	bool say_opened;
	uint32_t say_credit;
	ss_stream_type last; /* SS_STREAM_CLOSE or SS_STREAM_ERROR to say; 0: none */
	char code[SS_STREAM_REASON_MAX + 1];
	char message[128];
	char session[STREAM_SESSION_SIZE];
} stream;

TAILQ_HEAD(stream_list, stream);

struct stream_mux
{
	stream_mux_config config;
	int epoll_fd;
	struct stream_list all;
	struct stream_list queue;
	stream *buckets[BUCKETS];
	size_t count;
	size_t dialling;
	size_t over;
	uint32_t last_id;
	long long look_ms; /* when the next look is due */
};

/* ---- Streams. */

static stream *find(const stream_mux *mux, uint32_t id)
{
	stream *at = mux->buckets[id % BUCKETS];

	while (at != NULL && at->id != id)
		at = at->chain;
	return at;
}

static void enqueue(stream_mux *mux, stream *one)
{
	if (one->queued)
		return;
	one->queued = true;
	TAILQ_INSERT_TAIL(&mux->queue, one, queue);
}

static void dequeue(stream_mux *mux, stream *one)
{
	if (!one->queued)
		return;
	one->queued = false;
	TAILQ_REMOVE(&mux->queue, one, queue);
}

static void set_state(stream_mux *mux, stream *one, stream_state state, int timeout_ms)
{
	mux->dialling -= one->state == STREAM_DIALLING;
	mux->dialling += state == STREAM_DIALLING;
	mux->over -= one->state == STREAM_OVER;
	mux->over += state == STREAM_OVER;
	one->state = state;
	one->deadline_ms = ss_time_monotonic_ms() + timeout_ms;
}

static void let_go(stream *one)
{
	if (one->fd >= 0)
		close(one->fd); /* which also takes it out of the epoll set */
	one->fd = -1;
	free(one->pending);
	one->pending = NULL;
	one->pending_len = 0;
	one->readable = false;
}

/* Forgets a stream that is over. Not from within a batch of epoll's events. */
static void forget(stream_mux *mux, stream *one)
{
	stream **at = &mux->buckets[one->id % BUCKETS];

	while (*at != one)
		at = &(*at)->chain;
	*at = one->chain;
	dequeue(mux, one);
	mux->dialling -= one->state == STREAM_DIALLING;
	mux->over -= one->state == STREAM_OVER;
	TAILQ_REMOVE(&mux->all, one, all);
	mux->count--;
	let_go(one);
	free(one);
}

/* The stream is over, and the control plane is to hear why. */
static void finish(
	stream_mux *mux, stream *one, ss_stream_type last, const char *code, const char *message)
{
	let_go(one);
	set_state(mux, one, STREAM_OVER, 0);
	one->say_credit = 0;
	one->last = last;
	snprintf(one->code, sizeof one->code, "%s", code);
	snprintf(one->message, sizeof one->message, "%s", message);
	enqueue(mux, one);
}

/* The stream is over, and nothing more is to be said than what was; take() forgets it. */
static void finish_quietly(stream_mux *mux, stream *one)
{
	let_go(one);
	set_state(mux, one, STREAM_OVER, 0);
	one->say_opened = false;
	one->say_credit = 0;
	enqueue(mux, one);
}

/* The desktop closed the connection. */
static void on_end(stream_mux *mux, stream *one)
{
	ss_error err = SS_ERROR_INIT;
	bool ended = mux->config.dial(mux->config.ctx, one->session, NULL, &err) < 0;

	finish(mux, one, SS_STREAM_CLOSE, ended ? "session_not_running" : "closed", "");
}

/* ---- Towards the desktop. */

/* What was written makes room for more. */
static void give_back(stream_mux *mux, stream *one, size_t len)
{
	one->consumed += (uint32_t)len;
	if (one->consumed < mux->config.window / 4 || one->state != STREAM_OPEN)
		return;
	one->say_credit += one->consumed;
	one->granted += one->consumed;
	one->consumed = 0;
	enqueue(mux, one);
}

/* Writes; how many bytes are done with. What a deaf desktop is sent is dropped. */
static size_t write_some(stream *one, const unsigned char *data, size_t len)
{
	ssize_t n = -1;

	if (!one->deaf)
	{
		do
			n = send(one->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		while (n < 0 && errno == EINTR);
	}
	if (n >= 0)
		return (size_t)n;
	if (!one->deaf && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	one->deaf = true;
	return len;
}

static void flush(stream_mux *mux, stream *one)
{
	while (one->pending_len > 0)
	{
		size_t straight = mux->config.window - one->pending_at;
		size_t len = one->pending_len < straight ? one->pending_len : straight;
		size_t n = write_some(one, one->pending + one->pending_at, len);
		if (n == 0)
			return;
		one->pending_at = (one->pending_at + n) % mux->config.window;
		one->pending_len -= n;
		give_back(mux, one, n);
	}
	free(one->pending);
	one->pending = NULL;
	one->pending_at = 0;
	if (one->state == STREAM_ENDING)
		finish_quietly(mux, one);
}

/* Keeps what the desktop does not take yet; there is room, by the credit that was given. */
static int keep(stream_mux *mux, stream *one, const unsigned char *data, size_t len, ss_error *err)
{
	size_t window = mux->config.window;

	if (one->pending == NULL && (one->pending = malloc(window)) == NULL)
		return ss_fail(err, "out_of_memory", "out of memory");
	for (size_t done = 0; done < len;)
	{
		size_t at = (one->pending_at + one->pending_len) % window;
		size_t part = len - done < window - at ? len - done : window - at;
		memcpy(one->pending + at, data + done, part);
		one->pending_len += part;
		done += part;
	}
	return 0;
}

static int on_data(stream_mux *mux, stream *one, const ss_stream_frame *frame, ss_error *err)
{
	/* Before OPENED there is no credit, so this also refuses what comes too early. */
	if (frame->len > one->granted)
		return ss_fail(err, "protocol", "DATA beyond the credit");
	one->granted -= (uint32_t)frame->len;
	size_t done = 0;
	if (one->pending_len == 0 && frame->len > 0)
	{
		done = write_some(one, frame->payload, frame->len);
		give_back(mux, one, done);
	}
	if (done == frame->len)
		return 0;
	if (keep(mux, one, frame->payload + done, frame->len - done, err) < 0)
		return -1;
	/* Until it would block: only then is the socket sure to tell when there is room. */
	flush(mux, one);
	return 0;
}

/* ---- The other frames. */

static int on_credit(stream_mux *mux, stream *one, const ss_stream_frame *frame, ss_error *err)
{
	if (frame->credit > SS_STREAM_CREDIT_MAX - one->credit)
		return ss_fail(err, "protocol", "CREDIT beyond its bound");
	one->credit += frame->credit;
	if (one->readable)
		enqueue(mux, one);
	return 0;
}

/* The viewer is gone. What it sent before is still for the desktop. */
static void on_close(stream_mux *mux, stream *one, bool answer)
{
	if (one->state == STREAM_OPEN && one->pending_len > 0)
	{
		set_state(mux, one, STREAM_ENDING, ENDING_MS);
		one->readable = false;
		one->say_credit = 0;
		one->last = answer ? SS_STREAM_CLOSE : 0;
		snprintf(one->code, sizeof one->code, "closed");
		enqueue(mux, one);
	}
	else if (answer)
		finish(mux, one, SS_STREAM_CLOSE, "closed", "");
	else
		finish_quietly(mux, one);
}

/* ---- OPEN. */

static int watch(stream_mux *mux, stream *one)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = one}};

	return epoll_ctl(mux->epoll_fd, EPOLL_CTL_ADD, one->fd, &event);
}

static void dial(stream_mux *mux, stream *one)
{
	ss_error err = SS_ERROR_INIT;
	int result = mux->config.dial(mux->config.ctx, one->session, &one->fd, &err);

	if (result == 1)
		return;
	if (result == 0 && watch(mux, one) == 0)
	{
		long long left = one->deadline_ms - ss_time_monotonic_ms();
		set_state(mux, one, STREAM_CONNECTING, left > 0 ? (int)left : 0);
		return;
	}
	bool known =
		strcmp(err.code, "session_not_found") == 0 || strcmp(err.code, "session_not_running") == 0;
	finish(mux, one, SS_STREAM_ERROR, known ? err.code : "refused",
		result == 0 ? "out of descriptors" : err.message);
}

static int on_open(stream_mux *mux, const ss_stream_frame *frame, ss_error *err)
{
	char session[STREAM_SESSION_SIZE];
	uint32_t credit = 0;

	if (frame->stream <= mux->last_id)
		return ss_fail(err, "protocol", "OPEN of an id that was used");
	if (ss_stream_open_parse(frame, session, sizeof session, &credit, err) < 0)
		return -1;
	if (mux->count >= mux->config.max_streams + REFUSALS_MAX)
		return ss_fail(err, "protocol", "OPEN of far too many streams");
	mux->last_id = frame->stream;
	stream *one = calloc(1, sizeof *one);
	if (one == NULL)
		return ss_fail(err, "out_of_memory", "out of memory");
	one->id = frame->stream;
	one->fd = -1;
	one->credit = credit;
	snprintf(one->session, sizeof one->session, "%s", session);
	one->chain = mux->buckets[one->id % BUCKETS];
	mux->buckets[one->id % BUCKETS] = one;
	TAILQ_INSERT_TAIL(&mux->all, one, all);
	mux->dialling++; /* calloc: STREAM_DIALLING */
	set_state(mux, one, STREAM_DIALLING, mux->config.connect_timeout_ms);
	if (mux->count++ >= mux->config.max_streams)
		finish(mux, one, SS_STREAM_ERROR, "too_many_streams", "the agent has too many viewers");
	else
		dial(mux, one);
	return 0;
}

int stream_mux_receive(stream_mux *mux, const void *data, size_t len, ss_error *err)
{
	ss_stream_frame frame;

	if (ss_stream_frame_parse(data, len, &frame, err) < 0)
		return -1;
	if (frame.type == SS_STREAM_OPENED)
		return ss_fail(err, "protocol", "OPENED is the agent's word");
	if (frame.type == SS_STREAM_OPEN)
		return on_open(mux, &frame, err);
	if (frame.stream > mux->last_id)
		return ss_fail(err, "protocol", "a stream that was never opened");
	stream *one = find(mux, frame.stream);
	if (one == NULL || one->state == STREAM_OVER || one->state == STREAM_ENDING)
		return 0; /* it crossed our own end of the stream */
	switch (frame.type)
	{
	case SS_STREAM_DATA:
		return on_data(mux, one, &frame, err);
	case SS_STREAM_CREDIT:
		return on_credit(mux, one, &frame, err);
	case SS_STREAM_CLOSE:
		on_close(mux, one, true);
		return 0;
	case SS_STREAM_ERROR:
		on_close(mux, one, false);
		return 0;
	case SS_STREAM_OPEN:
	case SS_STREAM_OPENED:
		break;
	}
	return 0;
}

/* ---- Towards the control plane. */

/* DATA in buf; 0 when there is none now. */
static size_t take_data(stream_mux *mux, stream *one, unsigned char *buf)
{
	size_t most = one->credit < SS_STREAM_PAYLOAD_MAX ? one->credit : SS_STREAM_PAYLOAD_MAX;

	ssize_t n = recv(one->fd, buf + SS_STREAM_HEAD, most, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
	{
		/* Interrupted, it is tried again: has_more(). */
		one->readable = errno == EINTR;
		return 0;
	}
	if (n <= 0)
	{
		on_end(mux, one);
		return 0;
	}
	one->credit -= (uint32_t)n;
	/* A short read took all there was; after a hang-up only the end itself says so. */
	if ((size_t)n < most && !one->hangup)
		one->readable = false;
	ss_stream_frame_head(buf, SS_STREAM_DATA, one->id);
	return SS_STREAM_HEAD + (size_t)n;
}

static size_t take_one(stream_mux *mux, stream *one, unsigned char *buf)
{
	if (one->say_opened)
	{
		one->say_opened = false;
		return ss_stream_frame_credit(buf, SS_STREAM_OPENED, one->id, (uint32_t)mux->config.window);
	}
	if (one->say_credit > 0)
	{
		/* A frame says no more than that. */
		uint32_t part = one->say_credit < SS_STREAM_CREDIT_STEP_MAX ? one->say_credit
																	: SS_STREAM_CREDIT_STEP_MAX;
		one->say_credit -= part;
		return ss_stream_frame_credit(buf, SS_STREAM_CREDIT, one->id, part);
	}
	size_t len = 0;
	if (one->state == STREAM_OPEN && one->readable && one->credit > 0)
		len = take_data(mux, one, buf);
	if (len == 0 && one->last == SS_STREAM_CLOSE)
		len = ss_stream_frame_close(buf, one->id, one->code);
	else if (len == 0 && one->last == SS_STREAM_ERROR)
		len = ss_stream_error_print(buf, one->id, one->code, one->message);
	else
		return len;
	one->last = 0;
	return len;
}

/* Whether another take_one() may bring something. */
static bool has_more(const stream *one)
{
	return one->say_opened || one->say_credit > 0 || one->last != 0 ||
		   (one->state == STREAM_OPEN && one->readable && one->credit > 0);
}

size_t stream_mux_take(stream_mux *mux, unsigned char *buf)
{
	stream *one;

	while ((one = TAILQ_FIRST(&mux->queue)) != NULL)
	{
		size_t len = take_one(mux, one, buf);
		dequeue(mux, one);
		/* Behind the others: a stream with much to say does not hold them up. */
		if (has_more(one))
			enqueue(mux, one);
		else if (one->state == STREAM_OVER)
			forget(mux, one);
		if (len > 0)
			return len;
	}
	return 0;
}

bool stream_mux_is_full(const stream_mux *mux)
{
	return mux->over >= REFUSALS_MAX / 2;
}

bool stream_mux_wants(const stream_mux *mux)
{
	return !TAILQ_EMPTY(&mux->queue);
}

/* ---- Sockets and time. */

static void on_connected(stream_mux *mux, stream *one)
{
	int code = 0;
	socklen_t size = sizeof code;

	if (getsockopt(one->fd, SOL_SOCKET, SO_ERROR, &code, &size) < 0)
		code = errno;
	if (code != 0)
	{
		finish(mux, one, SS_STREAM_ERROR, "refused", strerror(code));
		return;
	}
	set_state(mux, one, STREAM_OPEN, 0);
	one->granted = (uint32_t)mux->config.window;
	one->say_opened = true;
	enqueue(mux, one);
}

static void on_event(stream_mux *mux, stream *one, uint32_t events)
{
	if (one->state == STREAM_CONNECTING && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)))
		on_connected(mux, one);
	/* Also what came with the same edge. */
	if (one->state == STREAM_OPEN && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
	{
		one->readable = true;
		one->hangup |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
		if (one->credit > 0)
			enqueue(mux, one);
	}
	if (one->pending_len > 0 && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)))
		flush(mux, one);
}

void stream_mux_poll(stream_mux *mux)
{
	struct epoll_event events[EVENTS_MAX];
	int count = epoll_wait(mux->epoll_fd, events, EVENTS_MAX, 0);

	for (int i = 0; i < count; i++)
		on_event(mux, events[i].data.ptr, events[i].events);
}

/* Without credit the end of what the desktop said is looked for, and nothing is read. */
static bool is_at_end(const stream *one)
{
	char byte;

	return one->hangup && one->credit == 0 && recv(one->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void look_at(stream_mux *mux, stream *one, long long now_ms)
{
	ss_error err = SS_ERROR_INIT;
	bool late = now_ms >= one->deadline_ms;

	switch (one->state)
	{
	case STREAM_DIALLING:
	case STREAM_CONNECTING:
		if (late)
			finish(mux, one, SS_STREAM_ERROR, "timeout", "the desktop took no connection in time");
		else if (one->state == STREAM_DIALLING)
			dial(mux, one);
		break;
	case STREAM_OPEN:
		if (mux->config.dial(mux->config.ctx, one->session, NULL, &err) < 0)
			finish(mux, one, SS_STREAM_CLOSE, "session_not_running", "");
		else if (is_at_end(one))
			on_end(mux, one);
		break;
	case STREAM_ENDING:
		if (late)
			finish_quietly(mux, one);
		break;
	case STREAM_OVER:
		break;
	}
}

int stream_mux_tick(stream_mux *mux, long long now_ms)
{
	bool all = now_ms >= mux->look_ms;

	if (all)
		mux->look_ms = now_ms + LOOK_MS;
	if (all || mux->dialling > 0)
	{
		/* finish() does not forget, so that the list stays as it is. */
		for (stream *one = TAILQ_FIRST(&mux->all); one != NULL; one = TAILQ_NEXT(one, all))
		{
			if (all || one->state == STREAM_DIALLING)
				look_at(mux, one, now_ms);
		}
	}
	return mux->dialling > 0 ? DIAL_AGAIN_MS : LOOK_MS;
}

void stream_mux_reset(stream_mux *mux)
{
	stream *one;

	while ((one = TAILQ_FIRST(&mux->all)) != NULL)
		forget(mux, one);
	mux->last_id = 0;
}

size_t stream_mux_count(const stream_mux *mux)
{
	return mux->count;
}

int stream_mux_fd(const stream_mux *mux)
{
	return mux->epoll_fd;
}

int stream_mux_new(const stream_mux_config *config, stream_mux **ret, ss_error *err)
{
	stream_mux *mux = calloc(1, sizeof *mux);

	if (mux == NULL)
		return ss_fail(err, "out_of_memory", "no memory for streams");
	mux->config = *config;
	TAILQ_INIT(&mux->all);
	TAILQ_INIT(&mux->queue);
	mux->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (mux->epoll_fd < 0)
	{
		free(mux);
		return ss_fail_errno(err, errno, "epoll_create1");
	}
	*ret = mux;
	return 0;
}

void stream_mux_free(stream_mux *mux)
{
	if (mux == NULL)
		return;
	stream_mux_reset(mux);
	close(mux->epoll_fd);
	free(mux);
}
