/* claim_ahead: see claim_ahead.h. */
#include "server/claim_ahead.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/fault.h"
#include "common/log.h"
#include "common/strbuf.h"
#include "server/agent_conn.h"
#include "server/claimer.h"

#define PEEK "peek"
#define CLAIM "claim"

/* One plan for good, whatever the size of the tables is when it is made; times in UTC. */
static const char settings[] =
	"SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; "
	"SET enable_hashjoin = off; SET enable_mergejoin = off; "
	"SET TimeZone = 'UTC'; SET DateStyle = 'ISO'";

static const char peek_sql[] =
	"SELECT w.command_id, w.action, w.object_kind, w.object_id, w.revision, w.deadline, w.payload "
	"FROM streamspace.v_waiting AS w WHERE w.agent_id = $1 AND w.epoch = $2 "
	"ORDER BY w.command_number LIMIT 16";
_Static_assert(CLAIM_AHEAD_MAX == 16, "the limit of peek_sql");

static const char claim_sql[] = "SELECT streamspace.claim_commands(p_agents => $1, p_limit => $2)";

static bool is_done(PGresult *result)
{
	bool done = PQresultStatus(result) == PGRES_COMMAND_OK;

	PQclear(result);
	return done;
}

bool claim_ahead_prepare(PGconn *conn)
{
	return is_done(PQexec(conn, settings)) && is_done(PQprepare(conn, PEEK, peek_sql, 0, NULL)) &&
		   is_done(PQprepare(conn, CLAIM, claim_sql, 0, NULL)) && PQenterPipelineMode(conn);
}

static agent_conn *find_conn(dispatch *d, const claim_ahead *ahead)
{
	agent_entry *entry = agent_registry_find(d->registry, ahead->agent);

	return entry && entry->epoch == ahead->epoch ? entry->conn : NULL;
}

/* Without a Sync: the transaction stays open for the claim. */
static bool ask_waiting(const claim_ahead *ahead, PGconn *conn)
{
	char epoch[24];
	const char *const values[] = {ahead->agent, epoch};

	snprintf(epoch, sizeof(epoch), "%lld", ahead->epoch);
	return PQsendQueryPrepared(conn, PEEK, 2, values, NULL, NULL, 0) && PQsendFlushRequest(conn) &&
		   PQflush(conn) >= 0;
}

static bool ask_claim(dispatch *d, const claim_ahead *ahead, PGconn *conn)
{
	ss_strbuf json = SS_STRBUF_INIT;
	char batch[24];

	ss_strbuf_append(&json, "[{\"agent\":");
	ss_strbuf_append_json(&json, ahead->agent);
	ss_strbuf_appendf(&json, ",\"epoch\":%lld}]", ahead->epoch);
	snprintf(batch, sizeof(batch), "%lld", (long long)d->cfg.claim_batch);
	auto_free char *agents = ss_strbuf_take(&json);
	const char *const values[] = {agents, batch};

	/* The Sync goes out whatever else fails: without it the transaction would stay open. */
	bool asked = agents && PQsendQueryPrepared(conn, CLAIM, 2, values, NULL, NULL, 0);

	return PQpipelineSync(conn) && asked;
}

/* An agent before protocol 3 must not get a command twice: its claims are durable before. */
static bool may_be_sent_twice(dispatch *d, const char *agent)
{
	agent_entry *entry = agent_registry_find(d->registry, agent);
	const agent_conn *conn = entry ? entry->conn : NULL;

	return conn && conn->owner->protocol >= AGENT_PROTOCOL_V3;
}

bool claim_ahead_start(dispatch *d, claim_ahead *ahead, PGconn *conn, const char *agent)
{
	claim_ahead next = {.stage = CLAIM_AHEAD_PEEKING};

	if (ahead->stage != CLAIM_AHEAD_IDLE || !atomic_load(&d->asleep) ||
		PQpipelineStatus(conn) != PQ_PIPELINE_ON || !may_be_sent_twice(d, agent) ||
		!agent_registry_take(d->registry, agent, &next.epoch))
		return false;
	snprintf(next.agent, sizeof(next.agent), "%s", agent);
	*ahead = next;
	/* When it cannot be asked the connection is broken, which the next read finds out. */
	ahead->failed = !ask_waiting(ahead, conn);
	return true;
}

static void send_one(dispatch *d, agent_conn *conn, loop_event *event)
{
	if (conn)
		agent_conn_send(conn, ss_steal_ptr(event->frame));
	else
		DISPATCH_COUNT(d, commands_undelivered);
}

enum
{
	COMMAND_ID,
	ACTION,
	OBJECT_KIND,
	OBJECT_ID,
	REVISION,
	DEADLINE,
	PAYLOAD,
};

/* "2026-12-01 06:39:29.5+00", as RFC 3339 has it; null without a value. */
static void append_time(ss_strbuf *out, const PGresult *answer, int row)
{
	const char *time = PQgetvalue(answer, row, DEADLINE);

	if (PQgetisnull(answer, row, DEADLINE) || strlen(time) < 14)
		ss_strbuf_append(out, "null");
	else
		ss_strbuf_appendf(out, "\"%.10sT%s:00\"", time, time + 11);
}

/* The message that claim_commands would make of it (tests/e2e/claim_ahead.py). */
static agent_frame *make_frame(const claim_ahead *ahead, const PGresult *answer, int row)
{
	auto_strbuf ss_strbuf json = SS_STRBUF_INIT;
	const char *revision = PQgetvalue(answer, row, REVISION);

	ss_strbuf_append(&json, "{\"commandId\":");
	ss_strbuf_append_json(&json, PQgetvalue(answer, row, COMMAND_ID));
	ss_strbuf_append(&json, ",\"action\":");
	ss_strbuf_append_json(&json, PQgetvalue(answer, row, ACTION));
	ss_strbuf_append(&json, ",\"objectKind\":");
	ss_strbuf_append_json(&json, PQgetvalue(answer, row, OBJECT_KIND));
	ss_strbuf_append(&json, ",\"objectId\":");
	ss_strbuf_append_json(&json, PQgetvalue(answer, row, OBJECT_ID));
	ss_strbuf_appendf(&json, ",\"epoch\":%lld,\"revision\":%s,\"deadline\":", ahead->epoch,
		*revision ? revision : "null");
	append_time(&json, answer, row);
	ss_strbuf_appendf(&json, ",\"payload\":%s}", PQgetvalue(answer, row, PAYLOAD));
	auto_free char *text = ss_strbuf_take(&json);
	agent_frame *frame = text ? agent_frame_new_text("command", text) : NULL;

	if (!frame)
		return NULL;
	frame->is_command = true;
	frame->command = agent_inflight_hash(PQgetvalue(answer, row, COMMAND_ID));
	frame->object = agent_inflight_hash(PQgetvalue(answer, row, OBJECT_ID));
	return frame;
}

/* Sends what is about to be claimed; what there is no memory for is left to the claim. */
static void send_ahead(dispatch *d, claim_ahead *ahead, const PGresult *answer)
{
	agent_conn *conn = find_conn(d, ahead);

	for (int row = 0; conn && row < PQntuples(answer) && row < CLAIM_AHEAD_MAX; row++)
	{
		agent_frame *frame = make_frame(ahead, answer, row);

		if (!frame)
			return;
		ahead->sent[ahead->sent_count++] = frame->command;
		agent_conn_await_claim(conn);
		agent_conn_send(conn, frame);
	}
}

/* Whether it was sent ahead; at another's hash a lease would send what is left out here. */
static bool was_sent(const claim_ahead *ahead, unsigned command)
{
	for (int i = 0; i < ahead->sent_count; i++)
		if (ahead->sent[i] == command)
			return true;
	return false;
}

/* The commands are marked: sends what was not sent, which is rare. Their number; -1: failed. */
static int send_rest(dispatch *d, claim_ahead *ahead)
{
	ss_error err = SS_ERROR_INIT;
	agent_conn *conn = find_conn(d, ahead);
	loop_event *event = NULL, *next;
	const char *json = PQgetvalue(ahead->claimed, 0, 0);
	int count = claimer_read(d, json, strlen(json), &event, &err);

	if (count < 0)
		ss_log_error(SS_LOG_WARNING, "claimer", "not_understood", &err, NULL);
	if (count > 0)
		ss_fault("claim-after-commit");
	DISPATCH_ADD(d, commands_claimed, count > 0 ? count : 0);
	for (; event; event = next)
	{
		next = event->next;
		if (was_sent(ahead, event->frame->command))
			DISPATCH_COUNT(d, commands_ahead);
		else
			send_one(d, conn, event);
		dispatch_loop_free_event(event);
	}
	return count;
}

/* The transaction has ended, well or not; what is left goes to the claimer. */
static void finish(dispatch *d, claim_ahead *ahead)
{
	int count = ahead->failed || !ahead->claimed ? -1 : send_rest(d, ahead);
	agent_conn *conn = find_conn(d, ahead);

	PQclear(ahead->claimed);
	ahead->claimed = NULL;
	ahead->stage = CLAIM_AHEAD_IDLE;
	DISPATCH_ADD(d, claims, count >= 0);
	DISPATCH_ADD(d, errors, count < 0);
	if (count < 0 || count >= d->cfg.claim_batch)
		agent_registry_ring(d->registry, ahead->agent);
	if (conn)
		agent_conn_claimed(conn);
	if (agent_registry_give_back(d->registry, ahead->agent, ahead->epoch))
		claimer_wake(d);
}

static void take_result(dispatch *d, claim_ahead *ahead, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_PIPELINE_SYNC)
		finish(d, ahead);
	else if (ahead->stage == CLAIM_AHEAD_PEEKING)
	{
		ahead->stage = CLAIM_AHEAD_SENDING;
		if (status == PGRES_TUPLES_OK)
			send_ahead(d, ahead, result);
	}
	else if (status == PGRES_TUPLES_OK && !ahead->claimed)
		ahead->claimed = ss_steal_ptr(result);
	PQclear(result);
}

int claim_ahead_read(dispatch *d, claim_ahead *ahead, PGconn *conn)
{
	int pauses = 0; /* libpq puts one NULL between two answers */

	while ((ahead->stage == CLAIM_AHEAD_PEEKING || ahead->stage == CLAIM_AHEAD_CLAIMING) &&
		   !PQisBusy(conn))
	{
		PGresult *result = PQgetResult(conn);

		if (result)
			take_result(d, ahead, result);
		else if (pauses++ > 4)
			return -1;
	}
	return ahead->stage == CLAIM_AHEAD_SENDING;
}

void claim_ahead_claim(dispatch *d, claim_ahead *ahead, PGconn *conn)
{
	if (ahead->stage != CLAIM_AHEAD_SENDING)
		return;
	ahead->stage = CLAIM_AHEAD_CLAIMING;
	ahead->failed |= !ask_claim(d, ahead, conn);
}

void claim_ahead_abandon(dispatch *d, claim_ahead *ahead)
{
	if (ahead->stage == CLAIM_AHEAD_IDLE)
		return;
	ahead->failed = true;
	finish(d, ahead);
}
