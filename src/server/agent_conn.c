/* agent_conn: birth, end and clock of a connected agent. Loop thread only. */
#include "server/agent_conn.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/timeutil.h"
#include "server/agent_inventory.h"
#include "server/agent_socket.h"
#include "server/claimer.h"
#include "server/dispatch_loop.h"
#include "server/writer.h"

/* Time for the close frame to leave and be answered. */
#define CLOSE_SECONDS 3
/* Newcomers that may wait for one pong; more are refused at once. */
#define WAITING_MAX 8
#define CLAIM_MS 1000

static void free_frames(agent_conn *conn)
{
	for (agent_frame *frame = conn->out_head, *next; frame; frame = next)
	{
		next = frame->next;
		agent_frame_free(frame);
	}
	conn->out_head = conn->out_tail = NULL;
	conn->out_frames = 0;
	conn->out_bytes = 0;
}

static void free_conn(agent_conn *conn)
{
	free_frames(conn);
	agent_inventory_drop(conn);
	agent_inflight_done(&conn->commands);
	agent_owner_unref(conn->owner);
	atomic_fetch_sub(&conn->d->sockets, 1);
	free(conn->rx);
	free(conn);
}

/* Sends the newcomers back to the admission threads with what was found out. */
static void settle_probe(agent_conn *conn, agent_verdict verdict)
{
	for (agent_offer *offer = conn->waiting, *next; offer; offer = next)
	{
		next = offer->next;
		offer->next = NULL;
		offer->verdict = verdict;
		agent_admission_offer(conn->d, offer);
	}
	conn->waiting = NULL;
	conn->waiting_count = 0;
	conn->probe_by_ms = 0;
}

/* Out of the register; the end is recorded behind all that it said. */
static void retire(agent_conn *conn, const char *reason)
{
	if (!conn->live)
		return;
	conn->live = false;
	bool current = agent_registry_remove(conn->d->registry, &conn->entry);

	agent_inventory_drop(conn);
	settle_probe(conn, AGENT_VERDICT_SILENT);
	DISPATCH_COUNT(conn->d, connections_lost);
	ss_log(SS_LOG_INFO, "agent", "disconnected", "agent", conn->owner->agent, "epoch",
		SS_NUM(conn->owner->epoch), "reason", reason, NULL);
	if (current) /* else a newer epoch has already ended this one in the database */
		writer_put_text(conn->d, WRITE_DISCONNECT, conn->owner, strdup(reason));
}

static agent_conn *new_conn(dispatch *d, const agent_offer *offer)
{
	agent_conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return NULL;
	conn->owner = agent_owner_new(offer->head.agent, offer->epoch, offer->protocol);
	if (!conn->owner)
	{
		free(conn);
		return NULL;
	}
	conn->d = d;
	atomic_fetch_add(&d->sockets, 1);
	conn->entry = (agent_entry){
		.agent = conn->owner->agent, .epoch = offer->epoch, .rung = true, .conn = conn};
	conn->heartbeat_seconds = offer->heartbeat_seconds;
	snprintf(conn->installation, sizeof(conn->installation), "%s", offer->installation);
	conn->opened_ms = conn->heard_ms = conn->pinged_ms = conn->tokens_ms = ss_time_monotonic_ms();
	conn->tokens = (double)d->cfg.agent_rate;
	return conn;
}

static void adopt_socket(agent_conn *conn, int fd)
{
	conn->socket = (socket_owner){.self = conn, .callback = agent_socket_callback};
	conn->wsi = socket_adopt_fd(conn->d, fd, &conn->socket);
	if (conn->wsi && !conn->socket.destroyed)
		return;
	conn->wsi = NULL;
	retire(conn, "socket not adopted");
	free_conn(conn);
}

void agent_conn_open(dispatch *d, agent_offer *offer)
{
	agent_conn *conn = new_conn(d, offer);
	int rc = -1;

	if (!conn)
	{
		agent_offer_free(offer);
		return;
	}
	agent_entry *old = agent_registry_add(d->registry, &conn->entry, &rc);

	if (rc)
	{
		/* A younger connection of the same agent was quicker: this one is fenced already. */
		free_conn(conn);
		agent_offer_free(offer);
		return;
	}
	conn->live = true;
	if (old)
		agent_conn_shut(old->conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, "replaced");
	int fd = ss_steal_fd(offer->fd);

	agent_offer_free(offer);
	adopt_socket(conn, fd);
}

static void send_welcome(agent_conn *conn)
{
	char now[SS_TIME_SIZE];
	auto_cjson cJSON *payload = cJSON_CreateObject();
	cJSON *limits = cJSON_AddObjectToObject(payload, "limits");

	cJSON_AddNumberToObject(payload, "epoch", (double)conn->owner->epoch);
	cJSON_AddStringToObject(payload, "serverTime", ss_time_now(now));
	cJSON_AddNumberToObject(payload, "heartbeatSeconds", conn->heartbeat_seconds);
	if (conn->installation[0])
		cJSON_AddStringToObject(payload, "installationId", conn->installation);
	cJSON_AddNumberToObject(limits, "maxFrameBytes", (double)conn->d->cfg.max_frame_bytes);
	cJSON_AddTrueToObject(limits, "streams");
	agent_conn_send(conn, agent_frame_new("welcome", payload));
}

void agent_conn_establish(agent_conn *conn)
{
	conn->established = true;
	conn->heard_ms = ss_time_monotonic_ms();
	if (!conn->live)
		return;
	if (conn->owner->protocol >= AGENT_PROTOCOL_V3)
		send_welcome(conn);
	agent_registry_set_eligible(conn->d->registry, &conn->entry, true);
	claimer_greet(conn->d);
	ss_log(SS_LOG_INFO, "agent", "connected", "agent", conn->owner->agent, "epoch",
		SS_NUM(conn->owner->epoch), "protocol", SS_NUM(conn->owner->protocol), NULL);
}

static void send_goaway(agent_conn *conn, const char *reason)
{
	auto_cjson cJSON *payload = cJSON_CreateObject();
	agent_frame *frame;

	cJSON_AddStringToObject(payload, "reason", reason);
	cJSON_AddNumberToObject(payload, "retryAfterSeconds", (double)conn->d->cfg.retry_after_seconds);
	frame = agent_frame_new("goaway", payload);
	if (!frame)
		return;
	frame->queued_ms = ss_time_monotonic_ms();
	if (conn->out_tail)
		conn->out_tail->next = frame;
	else
		conn->out_head = frame;
	conn->out_tail = frame;
	conn->out_frames++;
	conn->out_bytes += frame->len;
}

void agent_conn_shut(agent_conn *conn, int code, const char *reason)
{
	if (conn->closing)
		return;
	retire(conn, reason);
	conn->closing = true;
	conn->close_code = code;
	snprintf(conn->close_reason, sizeof(conn->close_reason), "%s", reason);
	free_frames(conn);
	if (!conn->wsi)
		return;
	if (!conn->established)
	{
		lws_set_timeout(conn->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
		return;
	}
	if (conn->owner->protocol >= AGENT_PROTOCOL_V3 && conn->close_by_ms == 0)
		send_goaway(conn, reason);
	lws_set_timeout(conn->wsi, PENDING_TIMEOUT_CLOSE_SEND, CLOSE_SECONDS);
	lws_callback_on_writable(conn->wsi);
}

void agent_conn_say_goodbye(agent_conn *conn, long long now_ms, int grace_ms)
{
	if (conn->closing || conn->close_by_ms)
		return;
	if (!conn->established || conn->owner->protocol < AGENT_PROTOCOL_V3)
	{
		agent_conn_shut(conn, LWS_CLOSE_STATUS_GOINGAWAY, "shutdown");
		return;
	}
	agent_registry_set_eligible(conn->d->registry, &conn->entry, false);
	send_goaway(conn, "shutdown");
	conn->close_by_ms = now_ms + grace_ms;
	lws_callback_on_writable(conn->wsi);
}

void agent_conn_lose(agent_conn *conn, const char *reason)
{
	retire(conn, reason);
	conn->closing = true;
}

void agent_conn_destroy(agent_conn *conn)
{
	agent_conn_lose(conn, conn->established ? "socket closed" : "handshake failed");
	if (!conn->socket.adopting)
		free_conn(conn);
}

static void ping(agent_conn *conn, long long now_ms)
{
	conn->ping_due = true;
	conn->ping_serial++;
	conn->pinged_ms = now_ms;
	lws_callback_on_writable(conn->wsi);
}

void agent_conn_probe(agent_conn *conn, agent_offer *offer)
{
	/* What we do not read from, or what is just arriving, cannot answer a ping. */
	if (conn->holds || !conn->established || conn->waiting_count >= WAITING_MAX)
	{
		offer->verdict = AGENT_VERDICT_ALIVE;
		agent_admission_offer(conn->d, offer);
		return;
	}
	offer->next = conn->waiting;
	conn->waiting = offer;
	conn->waiting_count++;
	if (conn->probe_by_ms)
		return;
	long long now_ms = ss_time_monotonic_ms();

	ping(conn, now_ms);
	conn->probe_serial = conn->ping_serial;
	conn->probe_by_ms = now_ms + conn->d->cfg.probe_seconds * 1000;
}

void agent_conn_hear_pong(agent_conn *conn, const void *data, size_t len)
{
	unsigned serial = 0;

	conn->heard_ms = ss_time_monotonic_ms();
	if (!conn->probe_by_ms || len != sizeof(serial))
		return;
	memcpy(&serial, data, sizeof(serial));
	/* Pings while a probe runs have later numbers; their pongs prove as much. */
	if (serial - conn->probe_serial < 1000)
		settle_probe(conn, AGENT_VERDICT_ALIVE);
}

void agent_conn_await_claim(agent_conn *conn)
{
	if (conn->closing || (conn->holds & AGENT_HOLD_CLAIM))
		return;
	conn->claim_by_ms = ss_time_monotonic_ms() + CLAIM_MS;
	if (!conn->holds)
		lws_rx_flow_control(conn->wsi, LWS_RXFLOW_REASON_FLAG_PROCESS_NOW);
	conn->holds |= AGENT_HOLD_CLAIM;
}

void agent_conn_claimed(agent_conn *conn)
{
	conn->claim_by_ms = 0;
	agent_conn_review_holds(conn, ss_time_monotonic_ms());
}

void agent_conn_review_holds(agent_conn *conn, long long now_ms)
{
	const dispatch_config *cfg = &conn->d->cfg;
	unsigned holds = conn->holds;

	if (!holds || conn->closing)
		return;
	if (atomic_load(&conn->owner->inflight) <= cfg->max_inflight / 2)
		holds &= ~(unsigned)AGENT_HOLD_INFLIGHT;
	if (!writer_is_full(conn->d))
		holds &= ~(unsigned)AGENT_HOLD_BACKLOG;
	if (conn->tokens + (double)((now_ms - conn->tokens_ms) * cfg->agent_rate) / 1000 > 0)
		holds &= ~(unsigned)AGENT_HOLD_RATE;
	if (now_ms >= conn->claim_by_ms)
		holds &= ~(unsigned)AGENT_HOLD_CLAIM;
	conn->holds = holds;
	if (holds)
		return;
	conn->heard_ms = now_ms; /* its silence was ours */
	lws_rx_flow_control(conn->wsi, 1 | LWS_RXFLOW_REASON_FLAG_PROCESS_NOW);
}

void agent_conn_tick(agent_conn *conn, long long now_ms)
{
	const dispatch_config *cfg = &conn->d->cfg;

	if (conn->closing)
		return;
	if (!conn->established)
	{
		if (now_ms - conn->opened_ms > cfg->handshake_seconds * 1000)
			agent_conn_shut(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, "no handshake");
		return;
	}
	agent_conn_review_holds(conn, now_ms);
	if (conn->close_by_ms && now_ms >= conn->close_by_ms)
	{
		agent_conn_shut(conn, LWS_CLOSE_STATUS_GOINGAWAY, "shutdown");
		return;
	}
	if (conn->probe_by_ms && now_ms >= conn->probe_by_ms)
		settle_probe(conn, conn->holds ? AGENT_VERDICT_ALIVE : AGENT_VERDICT_SILENT);
	if (!conn->holds && now_ms - conn->heard_ms > cfg->silence_seconds * 1000)
	{
		DISPATCH_COUNT(conn->d, agents_silent);
		agent_conn_shut(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, "silent");
		return;
	}
	if (conn->out_head && now_ms - conn->out_head->queued_ms > cfg->stall_seconds * 1000)
	{
		DISPATCH_COUNT(conn->d, agents_slow);
		agent_conn_shut(conn, LWS_CLOSE_STATUS_POLICY_VIOLATION, "too slow");
		return;
	}
	if (now_ms - conn->pinged_ms >= cfg->ping_seconds * 1000)
		ping(conn, now_ms);
}
