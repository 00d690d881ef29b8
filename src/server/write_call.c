/*
 * write_call: items to SQL and answers back. Writer thread only.
 *
 * A call that fails because the database is away is repeated as it is: every batch function leaves
 * alone what it has done before. One that fails for what it holds is repeated with half of it, and
 * an item that fails alone is dropped and its agent cut off, so that nobody else's results wait.
 */
#include "server/write_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/fault.h"
#include "common/json.h"
#include "common/log.h"
#include "common/strbuf.h"
#include "common/timeutil.h"
#include "ecpg/db_queue.h"
#include "server/agent_registry.h"
#include "server/claimer.h"
#include "server/dispatch_loop.h"
#include "server/event_hub.h"

#define BORROW_MS 2000
#define RETRY_BASE_MS 50
#define RETRY_CAP_MS 2000
#define RETRY_LEAST_MS 20
#define ANSWER_MAX ((size_t)64 << 20)

typedef int (*batch_function)(db_conn *conn, const char *items, char **ret_json, ss_error *err);

static const struct
{
	const char *name;
	batch_function run; /* NULL: one call an item */
} kinds[WRITE_KINDS] = {
	[WRITE_HEARTBEAT] = {"record_heartbeats", db_record_heartbeats},
	[WRITE_ACK] = {"acknowledge_commands", db_acknowledge_commands},
	[WRITE_PROGRESS] = {"report_progress", db_report_progress},
	[WRITE_OBSERVED] = {"observe_sessions", db_observe_sessions},
	[WRITE_RESULT] = {"complete_commands", db_complete_commands},
	[WRITE_INVENTORY] = {"record_inventory", NULL},
	[WRITE_DISCONNECT] = {"disconnect_agent", NULL},
};

static char *print_items(const write_item *item, long long count)
{
	ss_strbuf json = SS_STRBUF_INIT;

	for (long long i = 0; i < count; i++, item = item->next)
	{
		auto_free char *body = ss_json_print(item->body);

		if (!body)
		{
			ss_strbuf_done(&json);
			return NULL;
		}
		ss_strbuf_append(&json, i ? ",{\"agent\":" : "[{\"agent\":");
		ss_strbuf_append_json(&json, item->owner->agent);
		ss_strbuf_appendf(&json, ",\"epoch\":%lld", item->owner->epoch);
		if (body[0] == '{' && body[1] != '}')
		{
			ss_strbuf_append(&json, ",");
			ss_strbuf_append(&json, body + 1);
		}
		else
			ss_strbuf_append(&json, "}");
	}
	ss_strbuf_append(&json, "]");
	char *text = ss_strbuf_take(&json);

	ss_strbuf_done(&json);
	return text;
}

static void cut_off(dispatch *d, const agent_owner *owner, const char *reason)
{
	loop_event *event = dispatch_loop_new_event(LOOP_CLOSE);

	if (!event)
		return;
	snprintf(event->agent, sizeof(event->agent), "%s", owner->agent);
	snprintf(event->text, sizeof(event->text), "%s", reason);
	event->epoch = owner->epoch;
	dispatch_loop_post(d, event);
}

static void count_outcome(dispatch *d, write_kind kind, const write_item *item, const char *outcome)
{
	bool refused = strcmp(outcome, "ok") != 0;

	if (refused)
		DISPATCH_COUNT(d, items_refused);
	else
		DISPATCH_COUNT(d, items_written);
	if (kind == WRITE_RESULT && refused)
		DISPATCH_COUNT(d, results_refused);
	else if (kind == WRITE_RESULT)
		DISPATCH_COUNT(d, results_written);
	if (strcmp(outcome, "stale_epoch") == 0)
		cut_off(d, item->owner, "stale epoch");
}

/* The answer of a batch: [{"index","result"}]; an item that is not named went well. */
static void read_outcomes(
	dispatch *d, write_kind kind, const write_item *first, long long count, const char *json)
{
	auto_cjson cJSON *answer = NULL;
	auto_free const char **outcome = calloc((size_t)count, sizeof(*outcome));
	ss_error ignored = SS_ERROR_INIT;
	const cJSON *entry;

	if (!outcome)
		return;
	if (json && ss_json_parse(json, strlen(json), ANSWER_MAX, &answer, NULL, 0, &ignored) == 0)
		cJSON_ArrayForEach(entry, answer)
		{
			long long index = -1;

			if (ss_json_int(entry, "index", &index) == 0 && index >= 0 && index < count)
				outcome[index] = ss_json_string(entry, "result");
		}
	for (long long i = 0; i < count; i++, first = first->next)
		count_outcome(d, kind, first, outcome[i] ? outcome[i] : "ok");
}

/* A 2.0 agent has one command at a time: its next one may be claimed now. */
static void ring_serial_agents(dispatch *d, const write_item *first, long long count)
{
	bool any = false;

	for (long long i = 0; i < count; i++, first = first->next)
		if (first->owner->protocol < AGENT_PROTOCOL_V3)
			any |= agent_registry_ring(d->registry, first->owner->agent);
	if (any)
		claimer_wake(d);
}

static int call_batch(
	write_call *call, write_kind kind, const write_item *first, long long count, ss_error *err)
{
	auto_free char *items = print_items(first, count);
	auto_free char *json = NULL;

	if (!items)
		return ss_fail(err, "overloaded", "no memory for a batch");
	if (kind == WRITE_RESULT)
		ss_fault("result-before-write");
	if (kinds[kind].run(call->conn, items, &json, err) < 0)
		return -1;
	if (kind == WRITE_RESULT)
		ss_fault("result-after-write");
	read_outcomes(call->d, kind, first, count, json);
	if (kind == WRITE_RESULT)
		ring_serial_agents(call->d, first, count);
	return 0;
}

static int call_single(write_call *call, write_kind kind, const write_item *item, ss_error *err)
{
	const agent_owner *owner = item->owner;

	if ((kind == WRITE_INVENTORY ? db_record_inventory(call->conn, owner->agent, owner->epoch,
									   item->text, true, NULL, err)
								 : db_disconnect_agent(call->conn, owner->agent, owner->epoch,
									   item->text, NULL, err)) < 0)
		return -1;
	DISPATCH_COUNT(call->d, items_written);
	return 0;
}

static int attempt(
	write_call *call, write_kind kind, const write_item *first, long long count, ss_error *err)
{
	if (!call->conn && !(call->conn = db_borrow(call->d->pool, BORROW_MS, err)))
		return -1;
	if (kinds[kind].run)
		return call_batch(call, kind, first, count, err);
	return call_single(call, kind, first, err);
}

/* Says it once, waits; false: no time is left. */
static bool wait_to_retry(write_call *call, write_kind kind, const ss_error *err)
{
	long long ms = ss_time_backoff_ms(call->attempt++, RETRY_BASE_MS, RETRY_CAP_MS);

	db_return(call->conn);
	call->conn = NULL;
	DISPATCH_COUNT(call->d, errors);
	if (!call->failing)
		ss_log_error(SS_LOG_WARNING, "writer", "retrying", err, "call", kinds[kind].name, NULL);
	call->failing = true;
	return writer_pause(call->d, (int)(ms < RETRY_LEAST_MS ? RETRY_LEAST_MS : ms));
}

static void note_success(write_call *call, write_kind kind)
{
	if (call->failing)
		ss_log(SS_LOG_INFO, "writer", "resumed", "call", kinds[kind].name, NULL);
	call->failing = false;
	call->attempt = 0;
}

/* An item that the database refuses to take at all. An old epoch is no fault of anybody. */
static void drop(write_call *call, write_kind kind, const write_item *item, const ss_error *err)
{
	DISPATCH_COUNT(call->d, errors);
	DISPATCH_COUNT(call->d, items_dropped);
	ss_log_error(SS_LOG_WARNING, "writer", "dropped", err, "call", kinds[kind].name, "agent",
		item->owner->agent, NULL);
	if (kind != WRITE_DISCONNECT)
		cut_off(call->d, item->owner, "refused by the database");
}

bool write_call_run(write_call *call, write_kind kind, write_list *items, write_list *done)
{
	long long most = kinds[kind].run ? call->d->cfg.write_batch : 1;
	long long count = items->count < most ? items->count : most;
	ss_error err = SS_ERROR_INIT;

	while (attempt(call, kind, items->head, count, &err))
	{
		if (dispatch_error_is_transient(&err))
		{
			if (!wait_to_retry(call, kind, &err))
				return false;
		}
		else if (count > 1)
			count /= 2; /* the one at fault is found by halving */
		else
		{
			drop(call, kind, items->head, &err);
			break;
		}
	}
	note_success(call, kind);
	if (kind != WRITE_HEARTBEAT && kind != WRITE_ACK)
		event_hub_kick(call->d->cfg.events);
	while (count-- > 0)
		write_list_append(done, write_list_shift(items));
	return true;
}

void write_call_done(write_call *call)
{
	db_return(call->conn);
	call->conn = NULL;
}
