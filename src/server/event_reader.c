/*
 * event_reader: the thread of event_hub that reads for all subscribers.
 *
 * A round: peek (whom may it concern?), then read for those, BATCH in a statement, each from his
 * own token. Whoever was not concerned has missed nothing up to the peek's token, so it becomes
 * his; but not for one who came while the peek ran, whose own token may be the younger one: he is
 * read for. The lock is never held while the database works.
 */
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "common/strbuf.h"
#include "common/timeutil.h"
#include "ecpg/db_event.h"
#include "server/event_hub_internal.h"

#define BATCH 100
#define BORROW_MS 2000
/* Kicks that come in a burst share a look. */
#define PAUSE_MS 25
#define RETRY_MS 1000
#define ANSWER_MAX ((size_t)256 << 20)
/* Tokens of quiet streams go on, lest retention overtakes them. */
#define TOKEN_MS 600000

typedef struct reader
{
	event_hub *hub;
	char *token;       /* of the last peek; NULL: none yet */
	long long last_ms; /* end of the last round */
	bool failing;
	event_subscriber *batch[BATCH];
	int count;
} reader;

/* Waits until there is something to do. false: stop. */
static bool wait_turn(reader *r)
{
	event_hub *hub = r->hub;

	pthread_mutex_lock(&hub->lock);
	while (!hub->stopping)
	{
		long long now = ss_time_monotonic_ms();

		if (atomic_load(&hub->count) == 0)
		{
			/* What happens until the next one comes is of no interest. */
			free(r->token);
			r->token = NULL;
			pthread_cond_wait(&hub->kicked, &hub->lock);
			continue;
		}
		long long due = r->last_ms + (hub->kick ? PAUSE_MS : hub->cfg.poll_ms);

		if (r->failing)
			due = r->last_ms + RETRY_MS;
		if (due <= now)
			break;
		struct timespec until = ss_time_deadline((int)(due - now));

		pthread_cond_clockwait(&hub->kicked, &hub->lock, CLOCK_MONOTONIC, &until);
	}
	hub->kick = false;
	hub->round++;
	bool go_on = !hub->stopping;

	pthread_mutex_unlock(&hub->lock);
	return go_on;
}

static bool holds(const cJSON *list, long long number)
{
	const cJSON *item;
	long long value;

	cJSON_ArrayForEach(item, list)
	{
		if (ss_json_is_int(item, &value) && value == number)
			return true;
	}
	return false;
}

static int peek(reader *r, db_conn *conn, cJSON **ret, ss_error *err)
{
	auto_free char *json = NULL;

	atomic_fetch_add(&r->hub->looks, 1);
	if (db_peek_events(conn, r->token, &json, err) != 0)
		return ss_wrap(err, "look for changes");
	return ss_json_parse(json, strlen(json), ANSWER_MAX, ret, NULL, 0, err);
}

/* Signs of life, readers that do not read, log-ins to look at again: also without a database. */
static void keep_all(event_hub *hub)
{
	long long now = ss_time_monotonic_ms();

	pthread_mutex_lock(&hub->lock);
	for (event_subscriber *s = hub->first; s != NULL; s = s->next)
	{
		if (s->ended)
			continue;
		if (now - s->review_ms > hub->cfg.review_seconds * 1000)
			s->due = true;
		if (s->first != NULL && now - s->taken_ms > hub->cfg.stall_seconds * 1000)
			event_subscriber_finish(s, "slow");
		else if (now - s->token_ms > TOKEN_MS)
			event_subscriber_put_token(s);
		else if (s->first == NULL && now - s->put_ms > hub->cfg.keepalive_seconds * 1000)
			event_subscriber_put_alive(s);
	}
	pthread_mutex_unlock(&hub->lock);
}

/* Marks whom the peek concerns; the others have seen all up to its token. */
static void mark(reader *r, const cJSON *found)
{
	event_hub *hub = r->hub;
	long long signals = 0;
	bool all = false;
	const char *token = ss_json_string(found, "token");
	const cJSON *orgs = ss_json_array(found, "orgs"), *users = ss_json_array(found, "users");

	(void)!ss_json_int(found, "signals", &signals);
	(void)!ss_json_bool(found, "all", &all);
	if (r->token == NULL || token == NULL)
		all = true;
	pthread_mutex_lock(&hub->lock);
	for (event_subscriber *s = hub->first; s != NULL; s = s->next)
	{
		if (all || s->round == hub->round || (s->sees_all && holds(orgs, s->org_id)) ||
			(signals > 0 && holds(users, s->user_id)))
			s->due = true;
		if (!s->due && token != NULL)
		{
			char *copy = strdup(token);

			if (copy != NULL)
			{
				free(s->token);
				s->token = copy;
			}
		}
	}
	pthread_mutex_unlock(&hub->lock);
	free(r->token);
	r->token = token != NULL ? strdup(token) : NULL;
}

/* Holds up to BATCH subscribers that are due, and says what to ask for them. */
static char *collect(reader *r)
{
	event_hub *hub = r->hub;
	auto_strbuf ss_strbuf out = SS_STRBUF_INIT;
	long long now = ss_time_monotonic_ms();

	r->count = 0;
	ss_strbuf_append(&out, "[");
	pthread_mutex_lock(&hub->lock);
	for (event_subscriber *s = hub->first; s != NULL && r->count < BATCH; s = s->next)
	{
		if (!s->due || s->ended)
			continue;
		s->due = false;
		s->reading = true;
		s->review_ms = now;
		ss_strbuf_appendf(&out, "%s{\"actor\":\"%s\",\"since\":", r->count ? "," : "", s->actor);
		ss_strbuf_append_json(&out, s->token);
		ss_strbuf_append(&out, ",\"org\":");
		ss_strbuf_append_json(&out, s->org[0] ? s->org : NULL);
		ss_strbuf_append(&out, "}");
		r->batch[r->count++] = s;
	}
	pthread_mutex_unlock(&hub->lock);
	ss_strbuf_append(&out, "]");
	return ss_strbuf_take(&out);
}

/* What a refusal is called in a bye. */
static const char *bye_reason(const cJSON *error)
{
	const char *code = ss_json_string(error, "code");

	if (code != NULL && strcmp(code, "unauthorized") == 0)
		return "logged_out";
	return code != NULL && strcmp(code, "invalid_argument") != 0 ? "access_revoked" : "failed";
}

static void settle(reader *r, const cJSON *answers)
{
	event_hub *hub = r->hub;

	pthread_mutex_lock(&hub->lock);
	for (int i = 0; i < r->count; i++)
	{
		event_subscriber *s = r->batch[i];
		const cJSON *answer = cJSON_GetArrayItem(answers, i);
		const cJSON *error = ss_json_object(answer, "error");

		s->reading = false;
		if (s->gone)
			event_subscriber_destroy(s);
		else if (answers == NULL)
			s->due = true;
		else if (error != NULL || event_subscriber_apply(s, answer, false))
			event_subscriber_finish(s, bye_reason(error));
	}
	pthread_mutex_unlock(&hub->lock);
	r->count = 0;
}

static int read_due(reader *r, db_conn *conn, ss_error *err)
{
	for (;;)
	{
		auto_free char *items = collect(r);
		auto_free char *json = NULL;
		auto_cjson cJSON *answers = NULL;

		if (r->count == 0)
			return 0;
		atomic_fetch_add(&r->hub->reads, r->count);
		int rc = items == NULL
					 ? ss_fail(err, "internal", "out of memory")
					 : db_read_event_batch(conn, items, (int)r->hub->cfg.max_changes, &json, err);

		if (rc == 0)
			rc = ss_json_parse(json, strlen(json), ANSWER_MAX, &answers, NULL, 0, err);
		settle(r, answers);
		if (rc != 0)
			return ss_wrap(err, "read for subscribers");
	}
}

static int do_round(reader *r, ss_error *err)
{
	auto_cjson cJSON *found = NULL;
	db_conn *conn = db_borrow(r->hub->pool, BORROW_MS, err);

	if (conn == NULL)
		return -1;
	int rc = peek(r, conn, &found, err);

	if (rc == 0)
	{
		mark(r, found);
		rc = read_due(r, conn, err);
	}
	db_return(conn);
	return rc;
}

void *event_reader_run(void *arg)
{
	reader r = {.hub = arg};

	while (wait_turn(&r))
	{
		ss_error err = SS_ERROR_INIT;
		int rc = do_round(&r, &err);

		keep_all(r.hub);
		r.last_ms = ss_time_monotonic_ms();
		if (rc)
		{
			atomic_fetch_add(&r.hub->errors, 1);
			if (!r.failing)
				ss_log_error(SS_LOG_WARNING, "events", "failing", &err, NULL);
			/* The token may be what failed: begin anew, everybody is read for. */
			free(r.token);
			r.token = NULL;
		}
		r.failing = rc != 0;
	}
	free(r.token);
	return NULL;
}
