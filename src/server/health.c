/* health: the thread that looks, and the steps of /livez and /readyz. */
#include "server/health.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "common/strbuf.h"
#include "common/timeutil.h"
#include "ecpg/db_system.h"
#include "server/rest_steps.h"
#include "server/schema.h"

#define LOOK_EVERY_MS 1000
#define BORROW_TIMEOUT_MS 2000
/* Findings older than this are none: the thread hangs in a call. */
#define STALE_MS 10000
/* Counting sessions costs the database something: no more often than this, and the longer one
 * count takes the longer the pause. */
#define COUNT_EVERY_MS 3000
#define COUNT_PAUSE_FACTOR 20
#define COUNT_STALE_MS 60000

struct health
{
	server *server;
	db_pool *pool;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping;
	long long looked_ms;
	health_report found;
	char *metrics;
	long long counted_ms, count_next_ms;
};

static void look(health *h, health_report *ret)
{
	ss_error err = SS_ERROR_INIT;
	schema_report found;
	db_conn *conn = db_borrow(h->pool, BORROW_TIMEOUT_MS, &err);
	*ret = (health_report){0};
	if (conn == NULL)
	{
		snprintf(ret->reason, sizeof ret->reason, "database: %s", err.code);
		return;
	}
	schema_look(conn, &found);
	db_return(conn);
	ret->database = found.state != SCHEMA_UNKNOWN;
	ret->schema = found.state == SCHEMA_SERVED;
	snprintf(ret->schema_version, sizeof ret->schema_version, "%s", found.version);
	snprintf(ret->reason, sizeof ret->reason, "%s", found.reason);
	ret->ready = ret->schema;
}

static void note(health *h, const health_report *report)
{
	pthread_mutex_lock(&h->lock);
	bool changed = h->looked_ms == 0 || strcmp(h->found.reason, report->reason) != 0;
	h->found = *report;
	h->looked_ms = ss_time_monotonic_ms();
	pthread_mutex_unlock(&h->lock);
	if (changed)
		ss_log(report->ready ? SS_LOG_INFO : SS_LOG_WARNING, "health",
			report->ready ? "ready" : "not_ready", "reason",
			report->reason[0] ? report->reason : NULL, NULL);
}

/* A failure shows in the report already; here it only means that there are no new figures. */
static void count(health *h)
{
	long long start = ss_time_monotonic_ms();
	if (start < h->count_next_ms)
		return;
	ss_error err = SS_ERROR_INIT;
	char *json = NULL;
	db_conn *conn = db_borrow(h->pool, BORROW_TIMEOUT_MS, &err);
	if (conn == NULL || db_get_metrics(conn, &json, &err) != 0)
		json = NULL;
	db_return(conn);
	long long end = ss_time_monotonic_ms();
	long long pause = (end - start) * COUNT_PAUSE_FACTOR;
	h->count_next_ms = end + (pause > COUNT_EVERY_MS ? pause : COUNT_EVERY_MS);
	if (json == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	free(h->metrics);
	h->metrics = json;
	h->counted_ms = end;
	pthread_mutex_unlock(&h->lock);
}

char *health_read_metrics(health *h)
{
	pthread_mutex_lock(&h->lock);
	bool fresh = h->metrics && ss_time_monotonic_ms() - h->counted_ms <= COUNT_STALE_MS;
	char *json = fresh ? strdup(h->metrics) : NULL;
	pthread_mutex_unlock(&h->lock);
	return json;
}

static void *thread_main(void *arg)
{
	health *h = arg;
	pthread_mutex_lock(&h->lock);
	while (!h->stopping)
	{
		struct timespec until = ss_time_deadline(LOOK_EVERY_MS);
		pthread_cond_clockwait(&h->wake, &h->lock, CLOCK_MONOTONIC, &until);
		if (h->stopping)
			break;
		pthread_mutex_unlock(&h->lock);
		health_report report;
		look(h, &report);
		note(h, &report);
		if (report.ready)
			count(h);
		pthread_mutex_lock(&h->lock);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

int health_start(server *s, health **ret, ss_error *err)
{
	health *h = calloc(1, sizeof *h);
	if (h == NULL)
		return ss_fail(err, "internal", "out of memory");
	h->server = s;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->wake, NULL);
	if (db_pool_open(s->config->database, 1, &h->pool, err))
	{
		free(h);
		return -1;
	}
	health_report report;
	look(h, &report);
	note(h, &report);
	if (report.ready)
		count(h);
	if (pthread_create(&h->thread, NULL, thread_main, h) != 0)
	{
		db_pool_close(h->pool);
		free(h);
		return ss_fail(err, "internal", "the health thread does not start");
	}
	*ret = h;
	return 0;
}

void health_read(health *h, health_report *ret)
{
	pthread_mutex_lock(&h->lock);
	*ret = h->found;
	bool stale = ss_time_monotonic_ms() - h->looked_ms > STALE_MS;
	pthread_mutex_unlock(&h->lock);
	if (stale)
		*ret = (health_report){.reason = "database: no answer"};
	ret->draining = atomic_load(&h->server->leaving);
	if (ret->draining)
	{
		ret->ready = false;
		snprintf(ret->reason, sizeof ret->reason, "the server is stopping");
	}
}

void health_stop(health *h)
{
	if (h == NULL)
		return;
	pthread_mutex_lock(&h->lock);
	h->stopping = true;
	pthread_cond_signal(&h->wake);
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	db_pool_close(h->pool);
	pthread_cond_destroy(&h->wake);
	pthread_mutex_destroy(&h->lock);
	free(h->metrics);
	free(h);
}

rest_next rest_livez(rest_request *r, db_conn *conn, ss_error *err)
{
	(void)conn;
	return rest_pass(r, 0, strdup("{\"status\":\"alive\"}"), err);
}

rest_next rest_readyz(rest_request *r, db_conn *conn, ss_error *err)
{
	(void)conn;
	health_report report;
	health_read(r->server->health, &report);
	auto_strbuf ss_strbuf body = SS_STRBUF_INIT;
	ss_strbuf_appendf(&body, "{\"status\":\"%s\",\"database\":%s,\"schema\":%s,\"draining\":%s",
		report.ready ? "ready" : "not_ready", report.database ? "true" : "false",
		report.schema ? "true" : "false", report.draining ? "true" : "false");
	if (report.reason[0])
	{
		ss_strbuf_append(&body, ",\"reason\":");
		ss_strbuf_append_json(&body, report.reason);
	}
	ss_strbuf_append(&body, "}");
	rest_next next = rest_pass(r, 0, ss_strbuf_take(&body), err);
	if (next == REST_DONE && !report.ready)
	{
		r->out.status = 503;
		r->out.retry_after = 1;
	}
	return next;
}
