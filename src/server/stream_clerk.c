/* stream_clerk: see stream_clerk.h. */
#include "server/stream_clerk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "common/timeutil.h"
#include "ecpg/db_viewer.h"
#include "server/dispatch_loop.h"

#define REVIEW_MS 500
#define RETRY_MS 1000
#define BORROW_MS 1000
#define BATCH_MAX 1000
#define ANSWER_MAX ((size_t)4 << 20)
/* When the database is away: ends that wait to be written. The sweep closes what is lost. */
#define CLOSED_MAX 20000
#define STOP_MS 1000

typedef struct lost_stream
{
	struct lost_stream *next;
	char agent[AGENT_ID_SIZE];
	long long stream;
} lost_stream;

struct stream_clerk
{
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool started;
	/* under lock */
	bool stopping, hurry;
	viewer_record *open;
	viewer_record *closed;
	size_t closed_count;
	lost_stream *lost;
	/* thread only */
	long long good_ms; /* when a review last succeeded, or there was nothing to review */
	bool failing, cut_all;
};

viewer_record *stream_clerk_open(dispatch *d, const char *connection)
{
	stream_clerk *c = d->clerk;
	viewer_record *record = calloc(1, sizeof(*record));

	if (!record)
		return NULL;
	snprintf(record->connection, sizeof(record->connection), "%s", connection);
	pthread_mutex_lock(&c->lock);
	bool first = !c->open;

	record->next = c->open;
	if (c->open)
		c->open->prev = record;
	c->open = record;
	if (first)
		pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	return record;
}

static void unlink_record(stream_clerk *c, viewer_record *record)
{
	if (record->prev)
		record->prev->next = record->next;
	else
		c->open = record->next;
	if (record->next)
		record->next->prev = record->prev;
	record->prev = record->next = NULL;
}

void stream_clerk_close(dispatch *d, viewer_record *record, const char *reason)
{
	stream_clerk *c = d->clerk;

	snprintf(record->reason, sizeof(record->reason), "%s", reason);
	pthread_mutex_lock(&c->lock);
	unlink_record(c, record);
	if (c->closed_count < CLOSED_MAX)
	{
		record->next = ss_steal_ptr(c->closed);
		c->closed = ss_steal_ptr(record);
		c->closed_count++;
	}
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	free(record);
}

void stream_clerk_disconnect(dispatch *d, const char *agent, long long stream)
{
	stream_clerk *c = d->clerk;
	lost_stream *lost = calloc(1, sizeof(*lost));

	if (!lost)
		return; /* the sweep finds it */
	snprintf(lost->agent, sizeof(lost->agent), "%s", agent);
	lost->stream = stream;
	pthread_mutex_lock(&c->lock);
	lost->next = c->lost;
	c->lost = lost;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
}

void stream_clerk_hurry(dispatch *d)
{
	pthread_mutex_lock(&d->clerk->lock);
	d->clerk->hurry = true;
	pthread_cond_signal(&d->clerk->wake);
	pthread_mutex_unlock(&d->clerk->lock);
}

static void add_counts(cJSON *item, viewer_record *record)
{
	cJSON_AddStringToObject(item, "connection", record->connection);
	cJSON_AddNumberToObject(item, "received", (double)atomic_load(&record->received));
	cJSON_AddNumberToObject(item, "sent", (double)atomic_load(&record->sent));
}

/* A viewer that was admitted since then is reviewed the next time. NULL: no memory. */
static cJSON *list_open(stream_clerk *c, int skip, int *ret_count)
{
	cJSON *items = cJSON_CreateArray();
	long long now_ms = ss_time_monotonic_ms();

	*ret_count = 0;
	pthread_mutex_lock(&c->lock);
	viewer_record *at = c->open;

	while (at && skip-- > 0)
		at = at->next;
	for (; at && *ret_count < BATCH_MAX; at = at->next, ++*ret_count)
	{
		cJSON *item = cJSON_CreateObject();
		long long input_ms = atomic_load(&at->input_ms);

		add_counts(item, at);
		if (input_ms)
			cJSON_AddNumberToObject(item, "input_ago_ms", (double)(now_ms - input_ms));
		else
			cJSON_AddNullToObject(item, "input_ago_ms");
		cJSON_AddItemToArray(items, item);
	}
	pthread_mutex_unlock(&c->lock);
	return items;
}

static void post_cut(dispatch *d, const char *connection, const char *reason)
{
	loop_event *event = dispatch_loop_new_event(LOOP_CUT);

	if (!event)
		return; /* the next review says it again */
	snprintf(event->agent, sizeof(event->agent), "%s", connection);
	snprintf(event->text, sizeof(event->text), "%s", reason);
	dispatch_loop_post(d, event);
}

static int take_answer(dispatch *d, const char *json, ss_error *err)
{
	auto_cjson cJSON *answer = NULL;
	const cJSON *cut;

	if (ss_json_parse(json, strlen(json), ANSWER_MAX, &answer, NULL, 0, err))
		return ss_wrap(err, "answer of review_viewers");
	cJSON_ArrayForEach(cut, ss_json_array(answer, "cut"))
	{
		const char *connection = ss_json_string(cut, "connection");
		const char *reason = ss_json_string(cut, "reason");

		if (connection && reason)
			post_cut(d, connection, reason);
	}
	return 0;
}

static int review_batch(dispatch *d, db_conn *conn, int skip, int *ret_count, ss_error *err)
{
	auto_cjson cJSON *items = list_open(d->clerk, skip, ret_count);
	auto_free char *text = items ? ss_json_print(items) : NULL;
	auto_free char *json = NULL;

	if (!text)
		return ss_fail(err, "internal", "no memory for a review");
	if (*ret_count == 0)
		return 0;
	if (db_review_viewers(conn, d->cfg.replica, text, &json, err))
		return -1;
	return take_answer(d, json, err);
}

static int review(dispatch *d, db_conn *conn, ss_error *err)
{
	int skip = 0, count;

	do
	{
		if (review_batch(d, conn, skip, &count, err))
			return -1;
		skip += count;
	} while (count == BATCH_MAX);
	DISPATCH_COUNT(d, viewer_reviews);
	return 0;
}

/* Takes at most a batch of the closed; they are put back when they could not be written. */
static viewer_record *take_closed(stream_clerk *c)
{
	viewer_record *first, **end;
	int count = 0;

	pthread_mutex_lock(&c->lock);
	first = c->closed;
	end = &first;
	while (*end && count < BATCH_MAX)
	{
		end = &(*end)->next;
		count++;
	}
	c->closed = *end;
	c->closed_count -= (size_t)count;
	*end = NULL;
	pthread_mutex_unlock(&c->lock);
	return first;
}

static void put_back(stream_clerk *c, viewer_record *list)
{
	viewer_record **end = &list;
	size_t count = 0;

	for (; *end; end = &(*end)->next)
		count++;
	pthread_mutex_lock(&c->lock);
	*end = c->closed;
	c->closed = list;
	c->closed_count += count;
	pthread_mutex_unlock(&c->lock);
}

static void free_records(viewer_record *list)
{
	for (viewer_record *next; list; list = next)
	{
		next = list->next;
		free(list);
	}
}

static int write_closed(dispatch *d, db_conn *conn, ss_error *err)
{
	for (viewer_record *list; (list = take_closed(d->clerk));)
	{
		auto_cjson cJSON *items = cJSON_CreateArray();

		for (viewer_record *at = list; at; at = at->next)
		{
			cJSON *item = cJSON_CreateObject();

			add_counts(item, at);
			cJSON_AddStringToObject(item, "reason", at->reason);
			cJSON_AddItemToArray(items, item);
		}
		auto_free char *text = ss_json_print(items);
		auto_free char *json = NULL;
		int rc = text ? db_close_viewers(conn, text, &json, err)
					  : ss_fail(err, "internal", "no memory for ends of viewers");

		if (rc < 0 && dispatch_error_is_transient(err))
		{
			put_back(d->clerk, list);
			return -1;
		}
		free_records(list);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int write_lost(dispatch *d, db_conn *conn, ss_error *err)
{
	stream_clerk *c = d->clerk;

	for (;;)
	{
		auto_free char *json = NULL;

		pthread_mutex_lock(&c->lock);
		lost_stream *lost = c->lost;

		if (lost)
			c->lost = lost->next;
		pthread_mutex_unlock(&c->lock);
		if (!lost)
			return 0;
		int rc = db_disconnect_agent_stream(conn, lost->agent, lost->stream, &json, err);

		if (rc < 0 && dispatch_error_is_transient(err))
		{
			pthread_mutex_lock(&c->lock);
			lost->next = c->lost;
			c->lost = lost;
			pthread_mutex_unlock(&c->lock);
			return -1;
		}
		free(lost);
		if (rc < 0)
			return -1;
	}
}

static int work_once(dispatch *d, ss_error *err)
{
	db_conn *conn = db_borrow(d->pool, BORROW_MS, err);

	if (!conn)
		return -1;
	/* What ended first: a review would only say so. */
	int rc = write_closed(d, conn, err) || write_lost(d, conn, err) || review(d, conn, err);

	db_return(conn);
	return rc ? -1 : 0;
}

/* Who cannot be asked about may not go on for ever. */
static void give_up(dispatch *d, long long now_ms)
{
	stream_clerk *c = d->clerk;

	if (c->cut_all || now_ms - c->good_ms < d->cfg.viewer_review_seconds * 1000)
		return;
	c->cut_all = true;
	post_cut(d, "", "overloaded");
}

static void note_result(dispatch *d, int rc, const ss_error *err)
{
	stream_clerk *c = d->clerk;
	long long now_ms = ss_time_monotonic_ms();

	if (rc == 0)
	{
		if (c->failing)
			ss_log(SS_LOG_INFO, "viewer", "reviews_resumed", NULL);
		c->failing = c->cut_all = false;
		c->good_ms = now_ms;
		return;
	}
	DISPATCH_COUNT(d, errors);
	if (!c->failing)
		ss_log_error(SS_LOG_WARNING, "viewer", "reviews_failing", err, NULL);
	c->failing = true;
	give_up(d, now_ms);
}

/* False: the server stops. */
static bool wait_for_work(stream_clerk *c)
{
	struct timespec until = ss_time_deadline(c->failing ? RETRY_MS : REVIEW_MS);

	pthread_mutex_lock(&c->lock);
	while (!c->stopping && !c->hurry)
	{
		bool busy = c->open || c->closed || c->lost;

		if (!busy)
			pthread_cond_wait(&c->wake, &c->lock);
		else if (pthread_cond_clockwait(&c->wake, &c->lock, CLOCK_MONOTONIC, &until) != 0)
			break;
		if (!busy)
		{
			until = ss_time_deadline(0); /* the first one is not left waiting */
			c->good_ms = ss_time_monotonic_ms();
		}
	}
	c->hurry = false;
	bool go_on = !c->stopping;

	pthread_mutex_unlock(&c->lock);
	return go_on;
}

static void *run(void *arg)
{
	dispatch *d = arg;
	stream_clerk *c = d->clerk;
	ss_error err = SS_ERROR_INIT;

	c->good_ms = ss_time_monotonic_ms();
	while (wait_for_work(c))
	{
		int rc = work_once(d, &err);

		note_result(d, rc, &err);
	}
	for (long long until = ss_time_monotonic_ms() + STOP_MS; ss_time_monotonic_ms() < until;)
	{
		pthread_mutex_lock(&c->lock);
		bool idle = !c->closed && !c->lost;

		pthread_mutex_unlock(&c->lock);
		if (idle || work_once(d, &err) == 0)
			break;
	}
	return NULL;
}

int stream_clerk_start(dispatch *d, ss_error *err)
{
	stream_clerk *c = d->clerk = calloc(1, sizeof(*c));

	if (!c)
		return ss_fail(err, "internal", "no memory for the clerk of streams");
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	if (dispatch_thread_start(&c->thread, "streams", run, d, err))
		return -1;
	c->started = true;
	return 0;
}

void stream_clerk_stop(dispatch *d)
{
	stream_clerk *c = d->clerk;

	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_broadcast(&c->wake);
	pthread_mutex_unlock(&c->lock);
	if (c->started)
		pthread_join(c->thread, NULL);
	free_records(c->open);
	free_records(c->closed);
	for (lost_stream *next; c->lost; c->lost = next)
	{
		next = c->lost->next;
		free(c->lost);
	}
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c);
	d->clerk = NULL;
}
