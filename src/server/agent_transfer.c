/*
 * agent_transfer: bytes of a connected agent, in and out. Loop thread only.
 *
 * In: fragments become one message (bounded), a message goes to agent_message, and when the agent
 * sends more than is being written back, reading from its socket stops: TCP then slows it down.
 * Out: whole frames, as many as the socket takes.
 */
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#include "common/fault.h"
#include "common/timeutil.h"
#include "server/agent_conn.h"
#include "server/agent_message.h"
#include "server/claimer.h"
#include "server/writer.h"

/* A receive buffer that grew beyond this is given back after the message. */
#define RX_KEEP 4096

static void refuse_frame(agent_conn *conn, agent_frame *frame)
{
	bool is_command = frame->is_command;

	agent_frame_free(frame);
	if (is_command)
	{
		DISPATCH_COUNT(conn->d, commands_undelivered);
		return;
	}
	DISPATCH_COUNT(conn->d, agents_slow);
	agent_conn_shut(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, "too slow");
}

void agent_conn_send(agent_conn *conn, agent_frame *frame)
{
	const dispatch_config *cfg = &conn->d->cfg;

	if (!frame || conn->closing)
	{
		agent_frame_free(frame);
		if (!conn->closing)
			agent_conn_shut(conn, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION, "out of memory");
		return;
	}
	if (conn->out_frames >= cfg->max_send_frames ||
		conn->out_bytes + frame->len > (size_t)cfg->max_send_bytes)
	{
		refuse_frame(conn, frame);
		return;
	}
	if (frame->is_command)
		agent_inflight_add(&conn->commands, frame->command, frame->object);
	frame->next = NULL;
	frame->queued_ms = ss_time_monotonic_ms();
	if (conn->out_tail)
		conn->out_tail->next = frame;
	else
		conn->out_head = frame;
	conn->out_tail = frame;
	conn->out_frames++;
	conn->out_bytes += frame->len;
	/* A quarter full: nothing more is claimed for it until it has read. */
	if (conn->entry.eligible && (conn->out_frames > cfg->max_send_frames / 4 ||
									conn->out_bytes > (size_t)cfg->max_send_bytes / 4))
		agent_registry_set_eligible(conn->d->registry, &conn->entry, false);
	lws_callback_on_writable(conn->wsi);
}

static int write_ping(agent_conn *conn)
{
	unsigned char buffer[LWS_PRE + sizeof(conn->ping_serial)];

	conn->ping_due = false;
	memcpy(buffer + LWS_PRE, &conn->ping_serial, sizeof(conn->ping_serial));
	return lws_write(conn->wsi, buffer + LWS_PRE, sizeof(conn->ping_serial), LWS_WRITE_PING) < 0
			   ? -1
			   : 0;
}

static int write_frame(agent_conn *conn)
{
	agent_frame *frame = conn->out_head;
	int rc = lws_write(conn->wsi, frame->text, frame->len, LWS_WRITE_TEXT);

	conn->out_head = frame->next;
	if (!conn->out_head)
		conn->out_tail = NULL;
	conn->out_frames--;
	conn->out_bytes -= frame->len;
	if (rc >= 0)
	{
		DISPATCH_COUNT(conn->d, frames_sent);
		if (frame->is_command)
			ss_fault("command-after-send");
	}
	agent_frame_free(frame);
	if (conn->live && !conn->entry.eligible && !conn->close_by_ms &&
		conn->out_frames < conn->d->cfg.max_send_frames / 8 &&
		conn->out_bytes < (size_t)conn->d->cfg.max_send_bytes / 8)
	{
		agent_registry_set_eligible(conn->d->registry, &conn->entry, true);
		claimer_wake(conn->d);
	}
	return rc < 0 ? -1 : 0;
}

int agent_conn_write(agent_conn *conn)
{
	if (conn->ping_due && !conn->closing && write_ping(conn))
		return -1;
	while (conn->out_head)
	{
		if (lws_send_pipe_choked(conn->wsi))
		{
			lws_callback_on_writable(conn->wsi);
			return 0;
		}
		if (write_frame(conn))
			return -1;
	}
	if (!conn->closing)
		return 0;
	lws_close_reason(conn->wsi, (enum lws_close_status)conn->close_code,
		(unsigned char *)conn->close_reason, strlen(conn->close_reason));
	return -1;
}

/* Keeps count of what it sends; what is too much stops the reading, never loses a message. */
static void apply_holds(agent_conn *conn)
{
	const dispatch_config *cfg = &conn->d->cfg;
	unsigned before = conn->holds;

	if (conn->tokens < 0)
		conn->holds |= AGENT_HOLD_RATE;
	if (atomic_load(&conn->owner->inflight) >= cfg->max_inflight)
	{
		conn->holds |= AGENT_HOLD_INFLIGHT;
		atomic_store(&conn->owner->held_back, true);
	}
	if (writer_is_full(conn->d))
		conn->holds |= AGENT_HOLD_BACKLOG;
	if (conn->holds && !before)
	{
		DISPATCH_COUNT(conn->d, reads_held);
		lws_rx_flow_control(conn->wsi, 0);
	}
}

static void take_token(agent_conn *conn)
{
	double rate = (double)conn->d->cfg.agent_rate;

	conn->tokens += (double)(conn->heard_ms - conn->tokens_ms) * rate / 1000;
	if (conn->tokens > rate)
		conn->tokens = rate;
	conn->tokens -= 1;
	conn->tokens_ms = conn->heard_ms;
}

static int reject(agent_conn *conn, int code, const char *reason)
{
	DISPATCH_COUNT(conn->d, frames_rejected);
	agent_conn_shut(conn, code, reason);
	return 0; /* the close frame leaves when the socket is writable */
}

static int append(agent_conn *conn, const char *data, size_t len)
{
	if (conn->rx_len + len > conn->rx_capacity)
	{
		size_t capacity = conn->rx_capacity ? conn->rx_capacity : RX_KEEP;

		while (capacity < conn->rx_len + len)
			capacity *= 2;
		char *grown = realloc(conn->rx, capacity);

		if (!grown)
			return -1;
		conn->rx = grown;
		conn->rx_capacity = capacity;
	}
	if (len > 0)
		memcpy(conn->rx + conn->rx_len, data, len);
	conn->rx_len += len;
	return 0;
}

static void empty_rx(agent_conn *conn)
{
	conn->rx_len = 0;
	if (conn->rx_capacity <= RX_KEEP)
		return;
	free(conn->rx);
	conn->rx = NULL;
	conn->rx_capacity = 0;
}

int agent_conn_receive(agent_conn *conn, const char *data, size_t len)
{
	if (conn->closing)
		return 0;
	conn->heard_ms = ss_time_monotonic_ms();
	if (lws_frame_is_binary(conn->wsi))
		return reject(conn, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, "text frames only");

	size_t announced = lws_remaining_packet_payload(conn->wsi);
	size_t limit = (size_t)conn->d->cfg.max_frame_bytes;

	if (announced > limit || conn->rx_len + len + announced > limit)
		return reject(conn, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, "message too large");
	bool whole = announced == 0 && lws_is_final_fragment(conn->wsi);

	if (whole && conn->rx_len == 0)
	{
		/* The common case: nothing to put together. */
		take_token(conn);
		agent_message_handle(conn, data, len);
	}
	else
	{
		if (append(conn, data, len))
			return reject(conn, LWS_CLOSE_STATUS_UNEXPECTED_CONDITION, "out of memory");
		if (!whole)
			return 0;
		take_token(conn);
		agent_message_handle(conn, conn->rx, conn->rx_len);
		empty_rx(conn);
	}
	if (!conn->closing)
		apply_holds(conn);
	return 0;
}
