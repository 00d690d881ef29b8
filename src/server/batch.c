/* batch: the queue, the threads, and what becomes of a batch. */
#include "server/batch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/fault.h"
#include "common/json.h"
#include "common/queue.h"
#include "common/strbuf.h"
#include "ecpg/db_session.h"
#include "server/inflight.h"
#include "server/rest_steps.h"
#include "server/work.h"

#define BORROW_TIMEOUT_MS 5000
#define ANSWER_MAX ((size_t)1 << 16)

struct batcher
{
	server *server;
	ss_queue *queue;
	size_t thread_count;
	pthread_t threads[];
};

/* Requests of one transaction; each is running. */
typedef struct batch
{
	rest_request *requests[BATCH_MOST];
	int count;
} batch;

bool batch_fits(const rest_request *r)
{
	return (r->route->flags & ROUTE_BATCHED) && !r->call.dry_run;
}

/* The body, which holds declared fields only, with who asks and his key in front. */
static void append_item(ss_strbuf *out, const rest_request *r)
{
	auto_free char *body = request_body_json(r);

	ss_strbuf_appendf(out, "{\"actor\":\"%s\",\"request_id\":", r->call.actor ? r->call.actor : "");
	if (r->call.request_id)
		ss_strbuf_append_json(out, r->call.request_id);
	else
		ss_strbuf_append(out, "null");
	if (body != NULL && strcmp(body, "{}") != 0)
	{
		ss_strbuf_append(out, ",");
		ss_strbuf_append(out, body + 1);
	}
	else
		ss_strbuf_append(out, "}");
	out->failed |= body == NULL;
}

static char *make_items(const batch *b)
{
	ss_strbuf out = SS_STRBUF_INIT;

	for (int i = 0; i < b->count; i++)
	{
		ss_strbuf_append(&out, i == 0 ? "[" : ",");
		append_item(&out, b->requests[i]);
	}
	ss_strbuf_append(&out, "]");
	return ss_strbuf_take(&out);
}

/* The refusal of a row, as the database would have raised it. */
static rest_next read_refusal(const char *json, ss_error *err)
{
	auto_cjson cJSON *refusal = NULL;

	if (ss_json_parse(json, strlen(json), ANSWER_MAX, &refusal, NULL, 0, err) != 0)
		return REST_FAILED;
	const char *code = ss_json_string(refusal, "code");
	const char *title = ss_json_string(refusal, "title");
	const char *hint = ss_json_string(refusal, "hint");
	auto_free char *detail = ss_json_print(ss_json_get(refusal, "detail"));

	ss_fail(err, code ? code : "internal", "%s", title ? title : "a refusal without a title");
	if (detail != NULL && detail[0] == '{')
		ss_error_set_detail(err, "%s", detail);
	if (hint != NULL)
		ss_error_set_hint(err, "%s", hint);
	return REST_FAILED;
}

/* One line of the answer: + and a session, or - and a refusal. */
static rest_next read_line(rest_request *r, const char *line, ss_error *err)
{
	if (line[0] == '-')
		return read_refusal(line + 1, err);
	char *json = line[0] == '+' ? strdup(line + 1) : NULL;

	return rest_created_session(r, json == NULL ? 1 : 0, json, err);
}

/* Answers every request by its line. False: the answer has not as many. */
static bool answer_all(batch *b, char *lines)
{
	char *rest = lines;
	int done = 0;

	while (rest != NULL && done < b->count)
	{
		ss_error err = SS_ERROR_INIT;
		rest_request *r = b->requests[done++];
		const char *line = strsep(&rest, "\n");

		work_finish(r, read_line(r, line, &err), &err);
	}
	memmove(b->requests, b->requests + done, (size_t)(b->count - done) * sizeof b->requests[0]);
	b->count -= done;
	return b->count == 0 && rest == NULL;
}

static void fail_all(batch *b, const ss_error *err)
{
	for (int i = 0; i < b->count; i++)
	{
		ss_error own = *err;
		work_finish(b->requests[i], REST_FAILED, &own);
	}
	b->count = 0;
}

/* By itself; not at all where its time is up and it has been answered. */
static void run_alone(server *s, rest_request *r)
{
	ss_error err = SS_ERROR_INIT;
	rest_next next = REST_FAILED;

	if (!inflight_is_running(s->inflight, r))
	{
		request_unref(r);
		return;
	}
	db_conn *conn = db_borrow(s->batch_pool, BORROW_TIMEOUT_MS, &err);
	if (conn != NULL)
		next = r->step(r, conn, &err);
	db_return(conn);
	if (next == REST_DONE)
		ss_fault("create-after-commit");
	work_finish(r, next, &err);
}

static void run_together(server *s, batch *b)
{
	ss_error err = SS_ERROR_INIT;
	auto_free char *items = make_items(b);
	auto_free char *lines = NULL;
	int rc = -1;

	if (items == NULL)
		ss_fail(&err, "internal", "no memory for a batch");
	db_conn *conn = items ? db_borrow(s->batch_pool, BORROW_TIMEOUT_MS, &err) : NULL;
	if (conn != NULL)
		rc = db_create_sessions(conn, items, &lines, &err);
	db_return(conn);
	if (rc == 0)
	{
		ss_fault("create-after-commit");
		if (!answer_all(b, lines))
		{
			ss_fail(&err, "internal", "create_sessions answered for another number of requests");
			fail_all(b, &err);
		}
		return;
	}
	if (rc > 0)
		ss_fail(&err, "internal", "create_sessions answered nothing");
	/* Without the connection it is not known whether the batch was committed. */
	if (conn == NULL || strcmp(err.code, "database_unavailable") == 0)
	{
		fail_all(b, &err);
		return;
	}
	for (int i = 0; i < b->count; i++)
		run_alone(s, b->requests[i]);
}

/* Waits for one request and takes what has come besides. False: closed and empty. */
static bool collect(batcher *bt, batch *b)
{
	server *s = bt->server;
	void *item;

	b->count = 0;
	while (b->count < s->config->create_batch &&
		   ss_queue_pop(bt->queue, &item, b->count == 0 ? -1 : 0) == 0)
	{
		rest_request *r = item;

		if (inflight_begin(s->inflight, r))
			b->requests[b->count++] = r;
		else
			request_unref(r);
	}
	return b->count > 0;
}

static void *thread_main(void *arg)
{
	batcher *bt = arg;
	batch b;

	while (collect(bt, &b))
		if (b.count == 1)
			run_alone(bt->server, b.requests[0]);
		else
			run_together(bt->server, &b);
	return NULL;
}

int batch_start(server *s, batcher **ret, ss_error *err)
{
	size_t count = (size_t)s->config->create_threads;
	batcher *bt = calloc(1, sizeof *bt + count * sizeof bt->threads[0]);

	if (bt == NULL)
		return ss_fail(err, "internal", "out of memory");
	bt->server = s;
	bt->queue = ss_queue_new((size_t)s->config->request_queue);
	for (; bt->queue != NULL && bt->thread_count < count; bt->thread_count++)
		if (pthread_create(&bt->threads[bt->thread_count], NULL, thread_main, bt) != 0)
			break;
	if (bt->thread_count < count)
	{
		(void)batch_stop(bt, 1000);
		return ss_fail(err, "internal", "the batching threads do not start");
	}
	*ret = bt;
	return 0;
}

void batch_submit(batcher *bt, rest_request *r)
{
	ss_error err = SS_ERROR_INIT;

	if (ss_queue_push(bt->queue, r, 0) == 0)
		return;
	ss_fail(&err, "overloaded", "Too many sessions wait to be created; nothing was changed.");
	work_finish(r, REST_FAILED, &err);
}

size_t batch_queue_len(batcher *bt)
{
	return ss_queue_len(bt->queue);
}

bool batch_stop(batcher *bt, int timeout_ms)
{
	if (bt == NULL)
		return true;
	if (bt->queue != NULL)
		ss_queue_close(bt->queue);
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += timeout_ms / 1000;
	for (; bt->thread_count > 0; bt->thread_count--)
		if (pthread_timedjoin_np(bt->threads[bt->thread_count - 1], NULL, &until))
			return false;
	ss_queue_free(bt->queue);
	free(bt);
	return true;
}
