/* sweeper: see sweeper.h. */
#include "server/sweeper.h"

#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "common/strbuf.h"
#include "common/timeutil.h"
#include "ecpg/db_system.h"
#include "server/credential_use.h"

#define BORROW_MS 2000
#define ANSWER_MAX ((size_t)8 << 20)

struct sweeper
{
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping;
	pthread_t thread;
	bool started;
	bool failing; /* thread only */
};

static bool sleep_a_while(dispatch *d)
{
	sweeper *s = d->sweeper;
	struct timespec until = ss_time_deadline((int)(d->cfg.tick_seconds * 1000));

	pthread_mutex_lock(&s->lock);
	while (!s->stopping && pthread_cond_clockwait(&s->wake, &s->lock, CLOCK_MONOTONIC, &until) == 0)
		;
	bool go_on = !s->stopping;

	pthread_mutex_unlock(&s->lock);
	return go_on;
}

/* What a sweep did, without what it did not: "deadlines=2 leases=1". */
static void log_counts(const char *json)
{
	auto_cjson cJSON *counts = NULL;
	auto_strbuf ss_strbuf text = SS_STRBUF_INIT;
	ss_error ignored = SS_ERROR_INIT;
	const cJSON *count;

	if (ss_json_parse(json, strlen(json), ANSWER_MAX, &counts, NULL, 0, &ignored))
		return;
	cJSON_ArrayForEach(count, counts)
	{
		long long n;

		if (ss_json_is_int(count, &n) && n != 0 && count->string)
			ss_strbuf_appendf(&text, "%s%s=%lld", text.len ? " " : "", count->string, n);
	}
	if (text.len > 0 && !text.failed)
		ss_log(SS_LOG_INFO, "sweeper", "swept", "did", text.data, NULL);
}

/* Every new head of the audit log leaves the database with this line. */
static void log_heads(const char *json)
{
	auto_cjson cJSON *answer = NULL;
	ss_error ignored = SS_ERROR_INIT;
	const cJSON *head;

	if (ss_json_parse(json, strlen(json), ANSWER_MAX, &answer, NULL, 0, &ignored))
		return;
	cJSON_ArrayForEach(head, cJSON_GetObjectItemCaseSensitive(answer, "heads"))
	{
		ss_log(SS_LOG_INFO, "audit", "sealed", "org", ss_json_string(head, "org"), "head",
			ss_json_string(head, "head"), NULL);
	}
}

/* When tokens were last used is no reason to miss a sweep: the next use tells as much. */
static void write_uses(dispatch *d, db_conn *conn)
{
	ss_error err = SS_ERROR_INIT;

	if (!d->cfg.uses || !credential_uses_flush(d->cfg.uses, conn, ss_time_monotonic_ms(), &err))
		return;
	DISPATCH_COUNT(d, errors);
	ss_log_error(SS_LOG_WARNING, "sweeper", "uses_lost", &err, NULL);
}

static int sweep(dispatch *d, ss_error *err)
{
	auto_free char *json = NULL;
	auto_free char *seals = NULL;
	db_conn *conn = db_borrow(d->pool, BORROW_MS, err);

	if (!conn)
		return -1;
	write_uses(d, conn);
	/* Neither keeps the other from being done. */
	ss_error seal_err = SS_ERROR_INIT;
	int sealed = db_seal_audit(conn, &seals, &seal_err);
	int rc = db_tick(conn, (int)d->cfg.tick_limit, &json, err);

	db_return(conn);
	if (sealed == 0)
		log_heads(seals);
	if (rc == 0)
		log_counts(json);
	if (rc >= 0 && sealed < 0)
		*err = seal_err;
	return rc < 0 || sealed < 0 ? -1 : 0;
}

static void *run(void *arg)
{
	dispatch *d = arg;
	sweeper *s = d->sweeper;

	do
	{
		ss_error err = SS_ERROR_INIT;

		if (sweep(d, &err) == 0)
		{
			DISPATCH_COUNT(d, ticks);
			if (s->failing)
				ss_log(SS_LOG_INFO, "sweeper", "resumed", NULL);
			s->failing = false;
			continue;
		}
		DISPATCH_COUNT(d, errors);
		if (!s->failing)
			ss_log_error(SS_LOG_WARNING, "sweeper", "failing", &err, NULL);
		s->failing = true;
	} while (sleep_a_while(d));
	return NULL;
}

int sweeper_start(dispatch *d, ss_error *err)
{
	sweeper *s = d->sweeper = calloc(1, sizeof(*s));

	if (!s)
		return ss_fail(err, "internal", "no memory for the sweeper");
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->wake, NULL);
	if (dispatch_thread_start(&s->thread, "sweeper", run, d, err))
		return -1;
	s->started = true;
	return 0;
}

void sweeper_stop(dispatch *d)
{
	sweeper *s = d->sweeper;

	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->wake);
	pthread_mutex_unlock(&s->lock);
	if (s->started)
		pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s);
	d->sweeper = NULL;
}
