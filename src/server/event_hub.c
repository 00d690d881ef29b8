/* event_hub: subscribers and their queues. The thread is in event_reader.c. */
#include "server/event_hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "common/strbuf.h"
#include "common/timeutil.h"
#include "ecpg/db_event.h"
#include "server/dispatch_internal.h"
#include "server/event_hub_internal.h"

#define ANSWER_MAX ((size_t)64 << 20)

const char *const event_type_names[EVENT_TYPES] = {
	[EVENT_HELLO] = "hello",
	[EVENT_CHANGES] = "changes",
	[EVENT_GAP] = "gap",
	[EVENT_BYE] = "bye",
	[EVENT_ALIVE] = "",
};

/* --- messages --- */

/* Behind its text stands the token, so that one free() is enough. NULL: no memory. */
static event_message *make_message(event_type type, const char *text, const char *token)
{
	size_t len = strlen(text), token_len = strlen(token);
	event_message *m = malloc(sizeof *m + len + token_len + 2);

	if (m == NULL)
		return NULL;
	*m = (event_message){.type = type, .len = len, .queued_ms = ss_time_monotonic_ms()};
	memcpy(m->text, text, len + 1);
	m->token = memcpy(m->text + len + 1, token, token_len + 1);
	return m;
}

static void free_messages(event_subscriber *s)
{
	for (event_message *m = s->first, *next; m != NULL; m = next)
	{
		next = m->next;
		free(m);
	}
	s->first = NULL;
	s->last = &s->first;
	s->hub->queued -= s->queued;
	s->queued = 0;
}

static void wake(event_subscriber *s)
{
	if (s->wake != NULL)
		s->wake(s->wake_arg, s->ended);
}

static int put(event_subscriber *s, event_message *m)
{
	if (m == NULL)
		return -1;
	if (s->first == NULL)
		s->taken_ms = m->queued_ms;
	s->put_ms = m->queued_ms;
	*s->last = m;
	s->last = &m->next;
	s->queued += m->len;
	s->hub->queued += m->len;
	if (m->type != EVENT_ALIVE)
		atomic_fetch_add(&s->hub->messages, 1);
	wake(s);
	return 0;
}

void event_subscriber_finish(event_subscriber *s, const char *reason)
{
	char text[128];

	if (s->ended)
		return;
	ss_log(SS_LOG_DEBUG, "events", "ended", "reason", reason, NULL);
	s->ended = true;
	if (strcmp(reason, "slow") == 0)
	{
		atomic_fetch_add(&s->hub->slow, 1);
		free_messages(s);
	}
	snprintf(text, sizeof text, "{\"type\":\"bye\",\"reason\":\"%s\"}", reason);
	if (put(s, make_message(EVENT_BYE, text, "")))
		wake(s);
}

static bool has_room(const event_subscriber *s, size_t len)
{
	const event_hub *hub = s->hub;

	return s->queued + len <= (size_t)hub->cfg.queue_bytes &&
		   hub->queued + len <= (size_t)hub->cfg.memory;
}

/* A message of this type with members (text of JSON, "": none) beside type and token. */
static void put_text(event_subscriber *s, event_type type, const char *member, const char *value)
{
	auto_strbuf ss_strbuf text = SS_STRBUF_INIT;

	if (s->ended)
		return;
	ss_strbuf_appendf(&text, "{\"type\":\"%s\",\"token\":", event_type_names[type]);
	ss_strbuf_append_json(&text, s->token);
	if (member[0])
	{
		ss_strbuf_appendf(&text, ",\"%s\":", member);
		ss_strbuf_append(&text, value);
	}
	ss_strbuf_append(&text, "}");
	auto_free char *json = ss_strbuf_take(&text);

	s->token_ms = ss_time_monotonic_ms();
	if (json == NULL || !has_room(s, strlen(json)) || put(s, make_message(type, json, s->token)))
		event_subscriber_finish(s, "slow");
}

void event_subscriber_put_alive(event_subscriber *s)
{
	if (!s->ended && put(s, make_message(EVENT_ALIVE, "", "")))
		event_subscriber_finish(s, "slow");
}

void event_subscriber_put_token(event_subscriber *s)
{
	put_text(s, EVENT_CHANGES, "items", "[]");
}

static void put_gap(event_subscriber *s, const char *reason)
{
	auto_strbuf ss_strbuf quoted = SS_STRBUF_INIT;

	ss_strbuf_append_json(&quoted, reason);
	atomic_fetch_add(&s->hub->gaps, 1);
	put_text(s, EVENT_GAP, "reason", quoted.data != NULL ? quoted.data : "\"\"");
}

static int take_audience(event_subscriber *s, const cJSON *answer)
{
	const cJSON *audience = ss_json_object(answer, "audience");
	const char *token = ss_json_string(answer, "token");
	const char *reach = ss_json_string(audience, "reach");
	char *copy = token != NULL && strlen(token) < EVENT_TOKEN_SIZE ? strdup(token) : NULL;

	if (copy == NULL || reach == NULL)
	{
		free(copy);
		return -1;
	}
	free(s->token);
	s->token = copy;
	s->org_id = s->user_id = 0;
	(void)!ss_json_int(audience, "org", &s->org_id);
	(void)!ss_json_int(audience, "user", &s->user_id);
	s->sees_all = strcmp(reach, "own") != 0;
	return 0;
}

int event_subscriber_apply(event_subscriber *s, const cJSON *answer, bool hello)
{
	const cJSON *items = ss_json_array(answer, "items");
	const char *gap = ss_json_string(answer, "gap");

	if (take_audience(s, answer))
		return -1;
	if (hello)
		put_text(s, EVENT_HELLO, "", "");
	if (gap != NULL)
		put_gap(s, gap);
	else if (cJSON_GetArraySize(items) > 0)
	{
		auto_free char *text = ss_json_print(items);

		/* What would fill the queue at once is read better page by page. */
		if (text == NULL || strlen(text) > (size_t)s->hub->cfg.queue_bytes / 2)
			put_gap(s, "too_many");
		else
			put_text(s, EVENT_CHANGES, "items", text);
	}
	return 0;
}

/* --- subscribers --- */

static void refuse(event_hub *hub, ss_error *err, const char *code, const char *text)
{
	atomic_fetch_add(&hub->refused, 1);
	ss_fail(err, code, "%s", text);
}

/* Under the lock: is there room for one more of this user? */
static int check_room(event_hub *hub, const event_subscriber *s, ss_error *err)
{
	long long of_user = 0;

	if (hub->closed)
	{
		refuse(hub, err, "shutting_down", "The server is stopping.");
		return -1;
	}
	if (atomic_load(&hub->count) >= hub->cfg.max_streams)
	{
		refuse(hub, err, "overloaded", "There are too many streams of events.");
		return -1;
	}
	for (const event_subscriber *o = hub->first; o != NULL; o = o->next)
		of_user += o->user_id == s->user_id && !o->ended;
	if (of_user >= hub->cfg.max_per_user)
	{
		refuse(hub, err, "too_many_streams", "This user has too many streams of events open.");
		return -1;
	}
	return 0;
}

static void enter(event_hub *hub, event_subscriber *s)
{
	s->round = hub->round;
	s->due = true; /* what happened since it was read, and before the thread's next look */
	s->next = hub->first;
	if (hub->first)
		hub->first->prev = s;
	hub->first = s;
	hub->kick = true;
	atomic_fetch_add(&hub->count, 1);
	atomic_fetch_add(&hub->opened, 1);
	pthread_cond_signal(&hub->kicked);
}

void event_subscriber_destroy(event_subscriber *s)
{
	event_hub *hub = s->hub;

	if (s->prev)
		s->prev->next = s->next;
	else
		hub->first = s->next;
	if (s->next)
		s->next->prev = s->prev;
	free_messages(s);
	atomic_fetch_sub(&hub->count, 1);
	ss_crypto_wipe(s->actor, sizeof s->actor);
	free(s->token);
	free(s);
}

static int ask(event_hub *hub, db_conn *conn, event_subscriber *s, const char *since,
	cJSON **ret_answer, ss_error *err)
{
	const db_call call = {.actor = s->actor};
	auto_free char *json = NULL;
	int rc = db_read_events(
		conn, &call, since, s->org[0] ? s->org : NULL, (int)hub->cfg.max_changes, &json, err);

	if (rc > 0)
		return ss_fail(err, "internal", "read_events answers nothing");
	return rc < 0 ? -1 : ss_json_parse(json, strlen(json), ANSWER_MAX, ret_answer, NULL, 0, err);
}

int event_subscriber_new(event_hub *hub, db_conn *conn, const char *actor, const char *org,
	const char *since, event_subscriber **ret, ss_error *err)
{
	auto_cjson cJSON *answer = NULL;
	event_subscriber *s = calloc(1, sizeof *s);

	if (s == NULL)
		return ss_fail(err, "overloaded", "Out of memory.");
	s->hub = hub;
	s->last = &s->first;
	snprintf(s->actor, sizeof s->actor, "%s", actor);
	snprintf(s->org, sizeof s->org, "%s", org != NULL ? org : "");
	int rc = ask(hub, conn, s, since, &answer, err);

	pthread_mutex_lock(&hub->lock);
	long long now = ss_time_monotonic_ms();

	s->taken_ms = s->put_ms = s->token_ms = s->review_ms = now;
	if (rc == 0 && take_audience(s, answer))
		rc = ss_fail(err, "internal", "read_events answers without a token");
	if (rc == 0)
		rc = check_room(hub, s, err);
	if (rc == 0)
	{
		enter(hub, s);
		(void)event_subscriber_apply(s, answer, true);
	}
	pthread_mutex_unlock(&hub->lock);
	if (rc == 0)
	{
		*ret = s;
		return 0;
	}
	free(s->token);
	free(s);
	return -1;
}

void event_subscriber_listen(event_subscriber *s, void (*wake_by)(void *arg, bool ended), void *arg)
{
	pthread_mutex_lock(&s->hub->lock);
	s->wake = wake_by;
	s->wake_arg = arg;
	if (s->first != NULL || s->ended)
		wake(s);
	pthread_mutex_unlock(&s->hub->lock);
}

event_message *event_subscriber_take(
	event_subscriber *s, bool *ret_ended, void (*idle)(void *arg), void *arg)
{
	pthread_mutex_lock(&s->hub->lock);
	event_message *m = s->first;

	*ret_ended = m == NULL && s->ended;
	if (m != NULL)
	{
		s->first = m->next;
		if (s->first == NULL)
			s->last = &s->first;
		s->queued -= m->len;
		s->hub->queued -= m->len;
		s->taken_ms = ss_time_monotonic_ms();
	}
	else if (!s->ended && idle != NULL)
		idle(arg);
	pthread_mutex_unlock(&s->hub->lock);
	return m;
}

void event_subscriber_end(event_subscriber *s, const char *reason)
{
	pthread_mutex_lock(&s->hub->lock);
	event_subscriber_finish(s, reason);
	pthread_mutex_unlock(&s->hub->lock);
}

void event_subscriber_free(event_subscriber *s)
{
	if (s == NULL)
		return;
	event_hub *hub = s->hub;

	pthread_mutex_lock(&hub->lock);
	s->wake = NULL;
	s->gone = s->ended = true;
	if (!s->reading)
		event_subscriber_destroy(s);
	pthread_mutex_unlock(&hub->lock);
}

/* --- the hub --- */

int event_hub_start(const event_config *cfg, db_pool *pool, event_hub **ret, ss_error *err)
{
	event_hub *hub = calloc(1, sizeof *hub);

	if (hub == NULL)
		return ss_fail(err, "internal", "no memory for the streams of events");
	hub->cfg = *cfg;
	hub->pool = pool;
	pthread_mutex_init(&hub->lock, NULL);
	pthread_cond_init(&hub->kicked, NULL);
	if (dispatch_thread_start(&hub->thread, "events", event_reader_run, hub, err))
	{
		event_hub_stop(hub);
		return -1;
	}
	hub->started = true;
	*ret = hub;
	return 0;
}

void event_hub_kick(event_hub *hub)
{
	if (hub == NULL || atomic_load(&hub->count) == 0)
		return;
	pthread_mutex_lock(&hub->lock);
	hub->kick = true;
	pthread_cond_signal(&hub->kicked);
	pthread_mutex_unlock(&hub->lock);
}

void event_hub_close(event_hub *hub)
{
	if (hub == NULL)
		return;
	pthread_mutex_lock(&hub->lock);
	hub->closed = true;
	for (event_subscriber *s = hub->first; s != NULL; s = s->next)
		event_subscriber_finish(s, "shutting_down");
	pthread_mutex_unlock(&hub->lock);
}

void event_hub_stop(event_hub *hub)
{
	if (hub == NULL)
		return;
	pthread_mutex_lock(&hub->lock);
	hub->stopping = true;
	pthread_cond_signal(&hub->kicked);
	pthread_mutex_unlock(&hub->lock);
	if (hub->started)
		pthread_join(hub->thread, NULL);
	pthread_cond_destroy(&hub->kicked);
	pthread_mutex_destroy(&hub->lock);
	free(hub);
}

void event_hub_read_stats(event_hub *hub, event_stats *ret)
{
	pthread_mutex_lock(&hub->lock);
	*ret = (event_stats){.queued = (long long)hub->queued};
	pthread_mutex_unlock(&hub->lock);
	ret->streams = atomic_load(&hub->count);
	ret->opened = atomic_load(&hub->opened);
	ret->refused = atomic_load(&hub->refused);
	ret->messages = atomic_load(&hub->messages);
	ret->gaps = atomic_load(&hub->gaps);
	ret->slow = atomic_load(&hub->slow);
	ret->looks = atomic_load(&hub->looks);
	ret->reads = atomic_load(&hub->reads);
	ret->errors = atomic_load(&hub->errors);
}
