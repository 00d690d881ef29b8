/* agent_stream: see agent_stream.h. Loop thread only. */
#include "server/agent_stream.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/timeutil.h"
#include "server/stream_socket.h"

/* Time to send what waits after the viewer has gone, and for the agent to answer CLOSE. */
#define CLOSE_MS 5000
/* Credit goes back in such parts of the whole. */
#define CREDIT_PART 4

_Static_assert(BYTE_QUEUE_HEAD >= LWS_PRE + SS_STREAM_HEAD, "room in front of a piece");

static void want(agent_stream *s)
{
	if (agent_stream_is_due(s))
		stream_socket_want(s->socket, s);
}

static void on_wake(stream_end *end)
{
	want((agent_stream *)end);
}

static void on_taken(stream_end *end, size_t n)
{
	agent_stream *s = (agent_stream *)end;

	s->owed += (uint32_t)n;
	want(s);
}

/* A frame may have to wait for a stalled agent, so nothing is freed here. */
static void on_finish(stream_end *end, const char *reason, bool at_once)
{
	agent_stream *s = (agent_stream *)end;

	snprintf(s->reason, sizeof(s->reason), "%s", reason);
	s->finishing = true;
	s->by_ms = ss_time_monotonic_ms() + CLOSE_MS;
	if (at_once)
		stream_end_discard(end);
	s->close_due = end->out.len == 0 && !s->open_due;
	stream_socket_want(s->socket, s);
}

static const stream_end_ops ops = {.wake = on_wake, .taken = on_taken, .finish = on_finish};

agent_stream *agent_stream_new(struct stream_socket *socket, uint32_t id, const char *session)
{
	agent_stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	stream_end_init(&s->end, socket->d, &ops);
	s->socket = socket;
	s->id = id;
	s->open_due = true;
	s->granted = (uint32_t)socket->d->cfg.stream_credit;
	s->by_ms = ss_time_monotonic_ms() + socket->d->cfg.stream_open_seconds * 1000;
	snprintf(s->session, sizeof(s->session), "%s", session);
	return s;
}

void agent_stream_end(agent_stream *s, const char *reason)
{
	stream_socket_forget(s->socket, s);
	stream_end_part(&s->end, reason, false);
	stream_end_discard(&s->end);
	free(s);
}

static bool owes_credit(const agent_stream *s)
{
	return s->opened && !s->finishing &&
		   s->owed >= (uint32_t)s->end.d->cfg.stream_credit / CREDIT_PART;
}

bool agent_stream_is_due(const agent_stream *s)
{
	if (s->close_sent)
		return false;
	return s->open_due || s->close_due || owes_credit(s) ||
		   (s->opened && s->end.out.len > 0 && s->may_send > 0);
}

static int take_data(agent_stream *s, const ss_stream_frame *frame, ss_error *err)
{
	if (!s->opened)
		return ss_fail(err, "invalid_frame", "DATA before OPENED");
	if (frame->len > s->granted)
		return ss_fail(err, "invalid_frame", "more DATA than credit");
	s->granted -= (uint32_t)frame->len;
	if (!s->end.peer)
		return 0; /* nobody looks any more */
	if (stream_end_deliver(&s->end, frame->payload, frame->len))
		agent_stream_end(s, "overloaded");
	return 0;
}

static int take_credit(agent_stream *s, const ss_stream_frame *frame, ss_error *err)
{
	if (frame->type == SS_STREAM_OPENED && s->opened)
		return ss_fail(err, "invalid_frame", "OPENED twice");
	if (frame->type == SS_STREAM_OPENED && s->open_due)
		return ss_fail(err, "invalid_frame", "OPENED before OPEN");
	if (frame->type == SS_STREAM_CREDIT && !s->opened)
		return ss_fail(err, "invalid_frame", "CREDIT before OPENED");
	if (frame->credit > SS_STREAM_CREDIT_MAX - s->may_send)
		return ss_fail(err, "invalid_frame", "too much CREDIT");
	if (!s->opened && !s->finishing)
		s->by_ms = 0;
	s->opened = true;
	s->may_send += frame->credit;
	want(s);
	return 0;
}

/* The agent's end of a stream is answered by CLOSE, unless ours crossed it. */
static int take_close(agent_stream *s, const ss_stream_frame *frame)
{
	char reason[SS_STREAM_REASON_MAX + 1];

	snprintf(reason, sizeof(reason), "%.*s", (int)frame->len, (const char *)frame->payload);
	if (s->close_sent)
	{
		agent_stream_end(s, reason);
		return 0;
	}
	stream_end_part(&s->end, reason[0] ? reason : "closed", false);
	stream_end_discard(&s->end);
	snprintf(s->reason, sizeof(s->reason), "closed");
	s->finishing = s->close_due = true;
	s->open_due = false;
	s->granted = 0; /* nothing may follow */
	s->by_ms = 1;   /* forgotten as soon as the answer is written */
	stream_socket_want(s->socket, s);
	return 0;
}

static int take_error(agent_stream *s, const ss_stream_frame *frame, ss_error *err)
{
	char code[SS_STREAM_REASON_MAX + 1], message[256];

	if (ss_stream_error_parse(frame, code, sizeof(code), message, sizeof(message), err))
		return -1;
	ss_log(SS_LOG_INFO, "stream", "refused_by_agent", "agent", s->socket->agent, "session",
		s->session, "code", code, "message", message, NULL);
	agent_stream_end(s, code);
	return 0;
}

int agent_stream_take(agent_stream *s, const ss_stream_frame *frame, ss_error *err)
{
	switch (frame->type)
	{
	case SS_STREAM_DATA:
		return take_data(s, frame, err);
	case SS_STREAM_OPENED:
	case SS_STREAM_CREDIT:
		return take_credit(s, frame, err);
	case SS_STREAM_CLOSE:
		return take_close(s, frame);
	case SS_STREAM_ERROR:
		return take_error(s, frame, err);
	case SS_STREAM_OPEN:
		break;
	}
	return ss_fail(err, "invalid_frame", "OPEN is the server's");
}

static int write_frame(struct lws *wsi, unsigned char *frame, size_t len)
{
	return lws_write(wsi, frame, len, LWS_WRITE_BINARY) < (int)len ? -1 : 1;
}

static int write_open(agent_stream *s, struct lws *wsi)
{
	unsigned char buf[LWS_PRE + SS_STREAM_FRAME_MAX];
	size_t len = ss_stream_open_print(buf + LWS_PRE, s->id, s->session, s->granted);

	s->open_due = false;
	if (s->finishing && s->end.out.len == 0)
		s->close_due = true;
	return write_frame(wsi, buf + LWS_PRE, len);
}

static int write_close(agent_stream *s, struct lws *wsi)
{
	unsigned char buf[LWS_PRE + SS_STREAM_FRAME_MAX];
	size_t len = ss_stream_frame_close(buf + LWS_PRE, s->id, s->reason);
	bool answered = s->by_ms == 1;

	s->close_due = false;
	s->close_sent = true;
	s->by_ms = ss_time_monotonic_ms() + CLOSE_MS;
	stream_end_discard(&s->end);
	int rc = write_frame(wsi, buf + LWS_PRE, len);

	if (answered)
		agent_stream_end(s, "closed");
	return rc;
}

static int write_credit(agent_stream *s, struct lws *wsi)
{
	unsigned char buf[LWS_PRE + SS_STREAM_FRAME_MAX];
	size_t len = ss_stream_frame_credit(buf + LWS_PRE, SS_STREAM_CREDIT, s->id, s->owed);

	s->granted += s->owed;
	s->owed = 0;
	return write_frame(wsi, buf + LWS_PRE, len);
}

static int write_data(agent_stream *s, struct lws *wsi)
{
	size_t len;
	size_t most = s->may_send < SS_STREAM_PAYLOAD_MAX ? s->may_send : SS_STREAM_PAYLOAD_MAX;
	unsigned char *data = byte_queue_peek(&s->end.out, most, &len);

	ss_stream_frame_head(data - SS_STREAM_HEAD, SS_STREAM_DATA, s->id);
	s->may_send -= (uint32_t)len;
	int rc = write_frame(wsi, data - SS_STREAM_HEAD, len + SS_STREAM_HEAD);

	DISPATCH_ADD(s->end.d, stream_bytes_to_agents, (long long)len);
	stream_end_sent(&s->end, len);
	if (s->finishing && s->end.out.len == 0)
		s->close_due = true;
	return rc;
}

int agent_stream_write(agent_stream *s, struct lws *wsi)
{
	if (s->close_sent)
		return 0;
	if (s->open_due)
		return write_open(s, wsi);
	if (s->close_due)
		return write_close(s, wsi);
	if (owes_credit(s))
		return write_credit(s, wsi);
	if (s->opened && s->end.out.len > 0 && s->may_send > 0)
		return write_data(s, wsi);
	return 0;
}

void agent_stream_tick(agent_stream *s, long long now_ms)
{
	if (s->by_ms == 0 || now_ms < s->by_ms)
		return;
	if (s->close_sent)
		agent_stream_end(s, "closed"); /* it never answered: whatever it says is dropped */
	else if (s->finishing)
	{
		s->close_due = true;
		s->open_due = false;
		stream_socket_want(s->socket, s);
	}
	else
	{
		s->by_ms = 0;
		snprintf(s->reason, sizeof(s->reason), "timeout");
		stream_end_part(&s->end, "timeout", false);
		on_finish(&s->end, "timeout", true);
	}
}
