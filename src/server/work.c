/* work: a bounded queue and the threads behind it. */
#include "server/work.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/fault.h"
#include "common/log.h"
#include "common/queue.h"
#include "common/timeutil.h"
#include "server/credential_use.h"
#include "server/inflight.h"
#include "server/password.h"

#define BORROW_TIMEOUT_MS 5000

struct work
{
	server *server;
	ss_queue *queue;
	size_t thread_count;
	pthread_t threads[];
};

static void log_failure(const rest_request *r, const ss_error *err)
{
	const ss_error_code *known = ss_error_find_code(err->code);
	int status = known ? known->http_status : 500;
	if (status >= 500)
	{
		char trace[TRACE_ID_SIZE];
		ss_log_error(status == 500 ? SS_LOG_ERROR : SS_LOG_WARNING, "rest", "failed", err, "id",
			r->id, "trace", trace_id(r->trace, trace), "route", r->route->name, NULL);
	}
}

void work_finish(rest_request *r, rest_next next, ss_error *err)
{
	if (next != REST_DONE)
		log_failure(r, err);
	else if (r->route->auth == ROUTE_AUTH_BEARER)
		credential_uses_add(r->server->uses, r->actor, ss_time_monotonic_ms());
	if (next == REST_DONE && (r->route->flags & (ROUTE_MUTATES | ROUTE_ONCE)))
		event_hub_kick(r->server->events);
	if (inflight_claim(r->server->inflight, r))
	{
		answer_done(&r->answer);
		if (next == REST_DONE)
		{
			r->answer = r->out;
			r->out = (answer){0};
		}
		else
			answer_set_problem(&r->answer, err, r->id);
		MHD_resume_connection(r->connection);
	}
	request_unref(r);
}

static void refuse(rest_request *r, const char *what)
{
	ss_error err = SS_ERROR_INIT;
	ss_fail(&err, "overloaded", "Too many requests wait for %s; nothing was changed.", what);
	work_finish(r, REST_FAILED, &err);
}

static void to_passwords(rest_request *r)
{
	if (password_submit(r->server->passwords, r))
		refuse(r, "a password to be hashed");
}

static void run(work *w, rest_request *r)
{
	ss_error err = SS_ERROR_INIT;
	rest_next next = REST_FAILED;

	if (!inflight_begin(w->server->inflight, r))
	{
		request_unref(r);
		return;
	}
	db_conn *conn = db_borrow(w->server->pool, BORROW_TIMEOUT_MS, &err);
	if (conn != NULL)
		next = r->step(r, conn, &err);
	db_return(conn);
	if (next == REST_DONE && (r->route->flags & ROUTE_MUTATES) && !r->call.dry_run)
		ss_fault("create-after-commit");
	if (next != REST_HASH)
		work_finish(r, next, &err);
	else if (inflight_requeue(w->server->inflight, r))
		to_passwords(r);
	else
		request_unref(r);
}

static void *thread_main(void *arg)
{
	work *w = arg;
	void *item;
	while (ss_queue_pop(w->queue, &item, -1) == 0)
		run(w, item);
	return NULL;
}

int work_start(server *s, work **ret, ss_error *err)
{
	size_t count = (size_t)s->config->db_pool;
	work *w = calloc(1, sizeof *w + count * sizeof w->threads[0]);
	if (w == NULL)
		return ss_fail(err, "internal", "out of memory");
	w->server = s;
	w->queue = ss_queue_new((size_t)s->config->request_queue);
	for (; w->queue != NULL && w->thread_count < count; w->thread_count++)
		if (pthread_create(&w->threads[w->thread_count], NULL, thread_main, w) != 0)
			break;
	if (w->thread_count < count)
	{
		(void)work_stop(w, 1000);
		return ss_fail(err, "internal", "the database threads do not start");
	}
	*ret = w;
	return 0;
}

void work_submit(work *w, rest_request *r)
{
	if (ss_queue_push(w->queue, r, 0))
		refuse(r, "a database thread");
}

size_t work_queue_len(work *w)
{
	return ss_queue_len(w->queue);
}

bool work_stop(work *w, int timeout_ms)
{
	if (w == NULL)
		return true;
	if (w->queue != NULL)
		ss_queue_close(w->queue);
	/* Not pthread_clockjoin_np(): ThreadSanitizer does not know it. */
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += timeout_ms / 1000;
	for (; w->thread_count > 0; w->thread_count--)
		if (pthread_timedjoin_np(w->threads[w->thread_count - 1], NULL, &until))
			return false;
	ss_queue_free(w->queue);
	free(w);
	return true;
}
