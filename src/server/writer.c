/* writer: the queue and the thread. See writer.h. */
#include "server/writer.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/timeutil.h"
#include "server/dispatch_loop.h"
#include "server/write_call.h"
#include "server/write_plan.h"

/* Memory that an item takes beside its text, roughly. */
#define ITEM_BYTES 512

struct writer
{
	pthread_mutex_t lock;
	pthread_cond_t wake;
	write_list queue;
	bool stopping;
	long long deadline_ms;
	pthread_t thread;
	bool started;
	atomic_llong length; /* queued or being written */
	atomic_llong bytes;
	atomic_bool full; /* was full since the loop was last told that there is room */
	/* thread only */
	write_list pending;
	write_plan plan;
	bool released; /* an agent that was held back has room again */
};

static void free_item(dispatch *d, write_item *item)
{
	writer *w = d->writer;

	int inflight = atomic_fetch_sub(&item->owner->inflight, 1) - 1;

	if (inflight <= d->cfg.max_inflight / 2 && atomic_exchange(&item->owner->held_back, false))
		w->released = true;
	atomic_fetch_sub(&w->length, 1);
	atomic_fetch_sub(&w->bytes, (long long)item->bytes);
	agent_owner_unref(item->owner);
	cJSON_Delete(item->body);
	free(item->text);
	free(item);
}

static void free_list(dispatch *d, write_list *list)
{
	write_item *item;

	while ((item = write_list_shift(list)))
		free_item(d, item);
}

/* Roughly what a tree takes, for the bound on memory. */
static size_t tree_bytes(const cJSON *value)
{
	size_t bytes = 0;

	for (; value; value = value->next)
	{
		bytes += sizeof(*value) + 32;
		if (value->valuestring)
			bytes += strlen(value->valuestring);
		if (value->string)
			bytes += strlen(value->string);
		if (value->child)
			bytes += tree_bytes(value->child);
	}
	return bytes;
}

/* A heartbeat that still waits is replaced: only the last one matters. */
static bool replace_heartbeat(agent_owner *owner, cJSON *body)
{
	write_item *waiting = owner->heartbeat;

	if (!waiting)
		return false;
	cJSON_Delete(waiting->body);
	waiting->body = body;
	return true;
}

static void put(dispatch *d, write_item *item)
{
	writer *w = d->writer;
	bool replaced = false;

	pthread_mutex_lock(&w->lock);
	if (item->kind == WRITE_HEARTBEAT)
	{
		replaced = replace_heartbeat(item->owner, item->body);
		if (!replaced)
			item->owner->heartbeat = item;
	}
	if (!replaced)
	{
		agent_owner_ref(item->owner);
		atomic_fetch_add(&item->owner->inflight, 1);
		atomic_fetch_add(&w->length, 1);
		atomic_fetch_add(&w->bytes, (long long)item->bytes);
		write_list_append(&w->queue, item);
		pthread_cond_signal(&w->wake);
	}
	pthread_mutex_unlock(&w->lock);
	if (replaced)
		free(item);
}

static void make(
	dispatch *d, write_kind kind, agent_owner *owner, unsigned object, cJSON *body, char *text)
{
	write_item *item = calloc(1, sizeof(*item));

	if (!item || (!body && !text) || !d->writer) /* the writer ends before the loop does */
	{
		DISPATCH_COUNT(d, items_dropped);
		cJSON_Delete(body);
		free(text);
		free(item);
		return;
	}
	item->kind = kind;
	item->owner = owner;
	item->body = body;
	item->text = text;
	item->bytes = ITEM_BYTES + (body ? tree_bytes(body) : strlen(text));
	item->object = object;
	put(d, item);
}

void writer_put(dispatch *d, write_kind kind, agent_owner *owner, unsigned object, cJSON *body)
{
	make(d, kind, owner, object, body, NULL);
}

void writer_put_text(dispatch *d, write_kind kind, agent_owner *owner, char *text)
{
	make(d, kind, owner, 0, NULL, text);
}

bool writer_is_full(dispatch *d)
{
	bool full = atomic_load(&d->writer->length) >= d->cfg.write_queue ||
				atomic_load(&d->writer->bytes) >= d->cfg.write_queue_bytes;

	if (full)
		atomic_store(&d->writer->full, true);
	return full;
}

long long writer_length(dispatch *d)
{
	return atomic_load(&d->writer->length);
}

long long writer_bytes(dispatch *d)
{
	return atomic_load(&d->writer->bytes);
}

/* Takes over what is queued; waits when there is nothing. false: stopping, and nothing is left. */
static bool collect(writer *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->queue.head && !w->pending.head && !w->stopping)
		pthread_cond_wait(&w->wake, &w->lock);
	write_item *item;

	while ((item = write_list_shift(&w->queue)))
	{
		if (item->kind == WRITE_HEARTBEAT)
			item->owner->heartbeat = NULL;
		write_list_append(&w->pending, item);
	}
	bool more = w->pending.head != NULL;

	pthread_mutex_unlock(&w->lock);
	return more;
}

bool writer_pause(dispatch *d, int ms)
{
	writer *w = d->writer;
	struct timespec until = ss_time_deadline(ms);

	pthread_mutex_lock(&w->lock);
	if (!w->stopping)
		pthread_cond_clockwait(&w->wake, &w->lock, CLOCK_MONOTONIC, &until);
	bool stopping = w->stopping;
	long long deadline_ms = w->deadline_ms;

	pthread_mutex_unlock(&w->lock);
	if (!stopping)
		return true;
	if (ss_time_monotonic_ms() >= deadline_ms)
		return false;
	ss_time_sleep_ms(ms < 50 ? ms : 50);
	return true;
}

/* Reading may go on: those agents are looked at by the loop. */
static void tell_room(dispatch *d)
{
	writer *w = d->writer;
	bool room = atomic_load(&w->full) && writer_length(d) <= d->cfg.write_queue / 2 &&
				writer_bytes(d) <= d->cfg.write_queue_bytes / 2;

	if (!room && !w->released)
		return;
	w->released = false;
	if (room)
		atomic_store(&w->full, false);
	loop_event *event = dispatch_loop_new_event(LOOP_RESUME);

	if (event)
		dispatch_loop_post(d, event);
}

/* Whether the time to write what is left, once the server stops, is not over. */
static bool has_time(writer *w)
{
	pthread_mutex_lock(&w->lock);
	bool over = w->stopping && ss_time_monotonic_ms() >= w->deadline_ms;

	pthread_mutex_unlock(&w->lock);
	return !over;
}

/* Writes one step of the plan. false: no time is left; what remains is unwritten. */
static bool write_step(dispatch *d, write_call *call, write_kind kind, write_list *step)
{
	while (step->head)
	{
		write_list done = {0};

		if (!has_time(d->writer) || !write_call_run(call, kind, step, &done))
			return false;
		free_list(d, &done);
		tell_room(d);
	}
	return true;
}

static void *run(void *arg)
{
	dispatch *d = arg;
	writer *w = d->writer;
	write_call call = {.d = d};
	bool alive = true;

	while (alive && collect(w))
	{
		write_plan_make(&w->plan, &w->pending);
		for (int step = 0; alive && step < w->plan.stages * WRITE_KINDS; step++)
		{
			write_kind kind = (write_kind)(step % WRITE_KINDS);

			alive = write_step(d, &call, kind, &w->plan.step[step / WRITE_KINDS][kind]);
		}
	}
	write_call_done(&call);
	return NULL;
}

int writer_start(dispatch *d, ss_error *err)
{
	writer *w = d->writer = calloc(1, sizeof(*w));

	if (!w)
		return ss_fail(err, "internal", "no memory for the writer");
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	if (dispatch_thread_start(&w->thread, "writer", run, d, err))
		return -1;
	w->started = true;
	return 0;
}

void writer_stop(dispatch *d, long long deadline_ms)
{
	writer *w = d->writer;

	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	w->deadline_ms = deadline_ms;
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
	if (w->started)
		pthread_join(w->thread, NULL);
	long long left = atomic_load(&w->length);

	if (left > 0)
	{
		DISPATCH_ADD(d, items_dropped, left);
		ss_log(SS_LOG_WARNING, "writer", "unwritten", "items", SS_NUM(left), NULL);
	}
	free_list(d, &w->queue);
	free_list(d, &w->pending);
	for (int stage = 0; stage < WRITE_STAGES; stage++)
		for (int kind = 0; kind < WRITE_KINDS; kind++)
			free_list(d, &w->plan.step[stage][kind]);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
	d->writer = NULL;
}
