/* claimer: claims commands in batches. See claimer.h. */
#include "server/claimer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/fault.h"
#include "common/json.h"
#include "common/log.h"
#include "common/timeutil.h"
#include "ecpg/db_queue.h"
#include "server/agent_inflight.h"
#include "server/agent_registry.h"
#include "server/dispatch_loop.h"
#include "server/doorbell.h"

#define BORROW_MS 2000
#define HAND_OVER_MS 1000
#define RETRY_BASE_MS 50
#define RETRY_CAP_MS 2000
#define RETRY_LEAST_MS 20
#define ANSWER_MAX ((size_t)256 << 20)

struct claimer
{
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool rung;
	int rings;       /* of the database, since the thread looked */
	bool newcomer;   /* an agent has become eligible since then */
	int quiet_rings; /* rings for which nobody had to wake up, in the window that began then */
	long long quiet_us;
	bool stopping;
	pthread_t thread;
	bool started;
	/* thread only */
	db_conn *conn;
	doorbell bell;
	bool failing;
	unsigned attempt;
};

static void wake(claimer *c, int rings, bool newcomer)
{
	pthread_mutex_lock(&c->lock);
	c->rung = true;
	c->rings += rings;
	c->newcomer |= newcomer;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
}

void claimer_wake(dispatch *d)
{
	wake(d->claimer, 0, false);
}

void claimer_ring(dispatch *d, int rings)
{
	wake(d->claimer, rings, false);
}

void claimer_note_ring(dispatch *d)
{
	claimer *c = d->claimer;
	long long now_us = ss_time_monotonic_us();

	pthread_mutex_lock(&c->lock);
	if (now_us - c->quiet_us > DOORBELL_FAST_US)
	{
		c->quiet_us = now_us;
		c->quiet_rings = 0;
	}
	int rings = ++c->quiet_rings;

	pthread_mutex_unlock(&c->lock);
	if (rings == DOORBELL_FAST_RINGS)
		wake(c, rings, false);
}

void claimer_greet(dispatch *d)
{
	wake(d->claimer, 0, true);
}

/* Sleeps until rung or until the time comes; what has happened since. false: stop. */
static bool sleep_until(claimer *c, long long until_us, int *ret_rings, bool *ret_newcomer)
{
	struct timespec deadline = ss_time_at_us(until_us);

	pthread_mutex_lock(&c->lock);
	while (!c->rung && !c->stopping &&
		   pthread_cond_clockwait(&c->wake, &c->lock, CLOCK_MONOTONIC, &deadline) == 0)
		;
	*ret_rings = c->rings;
	*ret_newcomer = c->newcomer;
	c->rung = c->newcomer = false;
	c->rings = 0;
	bool go_on = !c->stopping;

	pthread_mutex_unlock(&c->lock);
	return go_on;
}

/* After a failure: not rung awake earlier than this. */
static bool back_off(claimer *c)
{
	long long ms = ss_time_backoff_ms(c->attempt++, RETRY_BASE_MS, RETRY_CAP_MS);
	struct timespec deadline = ss_time_deadline((int)(ms < RETRY_LEAST_MS ? RETRY_LEAST_MS : ms));

	pthread_mutex_lock(&c->lock);
	while (
		!c->stopping && pthread_cond_clockwait(&c->wake, &c->lock, CLOCK_MONOTONIC, &deadline) == 0)
		;
	bool go_on = !c->stopping;

	pthread_mutex_unlock(&c->lock);
	return go_on;
}

static loop_event *make_event(const cJSON *command)
{
	const char *agent = ss_json_string(command, "agent");
	const cJSON *message = ss_json_object(command, "message");
	long long epoch;

	if (!agent || !message || strlen(agent) >= AGENT_ID_SIZE ||
		ss_json_int(command, "epoch", &epoch))
		return NULL;
	loop_event *event = dispatch_loop_new_event(LOOP_SEND);

	if (!event)
		return NULL;
	snprintf(event->agent, sizeof(event->agent), "%s", agent);
	event->epoch = epoch;
	event->frame = agent_frame_new("command", message);
	if (!event->frame)
	{
		dispatch_loop_free_event(event);
		return NULL;
	}
	const char *id = ss_json_string(message, "commandId");
	const char *object = ss_json_string(message, "objectId");

	if (!object) /* a command to a 2.0 agent */
		object = ss_json_string(ss_json_object(message, "payload"), "sessionId");
	event->frame->is_command = true;
	event->frame->command = id ? agent_inflight_hash(id) : 0;
	event->frame->object = object ? agent_inflight_hash(object) : 0;
	return event;
}

int claimer_read(dispatch *d, const char *json, size_t len, loop_event **ret, ss_error *err)
{
	auto_cjson cJSON *commands = NULL;
	loop_event **last = ret;
	const cJSON *command;
	int count = 0, lost = 0;

	*ret = NULL;
	if (ss_json_parse(json, len, ANSWER_MAX, &commands, NULL, 0, err))
		return ss_wrap(err, "commands of the database");
	cJSON_ArrayForEach(command, commands)
	{
		loop_event *event = make_event(command);

		count++;
		if (!event)
		{
			lost++; /* its lease brings it back */
			continue;
		}
		*last = event;
		last = &event->next;
	}
	if (lost > 0)
	{
		DISPATCH_ADD(d, commands_undelivered, lost);
		ss_log(SS_LOG_WARNING, "claimer", "not_understood", "commands", SS_NUM(lost), NULL);
	}
	return count;
}

/* Hands the claimed commands over, in their order. Their number; -1: not understood. */
static int hand_over(dispatch *d, const char *json, ss_error *err)
{
	loop_event *first = NULL;
	int count = claimer_read(d, json, strlen(json), &first, err);

	if (count > 0)
		ss_fault("claim-after-commit");
	DISPATCH_ADD(d, commands_claimed, count > 0 ? count : 0);
	if (first)
		dispatch_loop_post(d, first);
	return count;
}

/* One claim. Commands claimed; -1: failed. */
static int claim(dispatch *d, bool all, ss_error *err)
{
	claimer *c = d->claimer;
	auto_free char *agents = NULL;
	auto_free char *json = NULL;

	if (agent_registry_collect(d->registry, all, &agents) != 0)
		return 0;
	int rc = db_claim_commands(c->conn, agents, (int)d->cfg.claim_batch, &json, err);

	agent_registry_collected(d->registry);
	if (rc < 0)
		return -1;
	DISPATCH_COUNT(d, claims);
	return rc > 0 ? 0 : hand_over(d, json, err);
}

/* Looks and claims once. Commands claimed; -1: failed. */
static int work_once(dispatch *d, bool all, int rings, bool newcomer, ss_error *err)
{
	claimer *c = d->claimer;

	if (!c->conn && !(c->conn = db_borrow(d->pool, BORROW_MS, err)))
		return -1;
	if (doorbell_look(d, c->conn, &c->bell, rings, newcomer, err))
		return -1;
	int n = claim(d, all, err);

	if (n > 0)
		doorbell_count(&c->bell, n);
	return n;
}

/* The batch was full: there may be more. Not before the loop has queued what it was handed, so
 * that an agent which reads slowly is left out. */
static void claim_again(dispatch *d)
{
	dispatch_loop_wait_taken(d, HAND_OVER_MS);
	agent_registry_ring(d->registry, NULL);
	claimer_wake(d);
}

static void note_failure(dispatch *d, const ss_error *err)
{
	claimer *c = d->claimer;

	db_return(c->conn);
	c->conn = NULL;
	doorbell_reset(&c->bell);
	atomic_store(&d->asleep, false);
	DISPATCH_COUNT(d, errors);
	if (!c->failing)
		ss_log_error(SS_LOG_WARNING, "claimer", "failing", err, NULL);
	c->failing = true;
}

static void note_success(claimer *c)
{
	if (c->failing)
		ss_log(SS_LOG_INFO, "claimer", "resumed", NULL);
	c->failing = false;
	c->attempt = 0;
}

static void say_goodbye(dispatch *d)
{
	claimer *c = d->claimer;
	ss_error err = SS_ERROR_INIT;

	/* When it fails the lease ends by itself. */
	if (c->conn && doorbell_leave(d, c->conn, &err))
		ss_log_error(SS_LOG_INFO, "claimer", "doorbell_left", &err, NULL);
	db_return(c->conn);
	c->conn = NULL;
}

static void *run(void *arg)
{
	dispatch *d = arg;
	claimer *c = d->claimer;
	long long poll_us = d->cfg.poll_seconds * 1000000;
	long long next_poll_us = ss_time_monotonic_us() + poll_us;
	int rings;
	bool newcomer;

	doorbell_reset(&c->bell);
	while (sleep_until(
		c, c->bell.look_us < next_poll_us ? c->bell.look_us : next_poll_us, &rings, &newcomer))
	{
		ss_error err = SS_ERROR_INIT;
		bool all = ss_time_monotonic_us() >= next_poll_us;

		if (all)
			next_poll_us = ss_time_monotonic_us() + poll_us;
		int n = work_once(d, all, rings, newcomer, &err);

		if (n >= 0)
		{
			note_success(c);
			if (n >= d->cfg.claim_batch)
				claim_again(d);
			continue;
		}
		note_failure(d, &err);
		next_poll_us = 0; /* whose marks are lost is found by the next look at all */
		if (!back_off(c))
			break;
	}
	say_goodbye(d);
	return NULL;
}

int claimer_start(dispatch *d, ss_error *err)
{
	claimer *c = d->claimer = calloc(1, sizeof(*c));

	if (!c)
		return ss_fail(err, "internal", "no memory for the claimer");
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	if (dispatch_thread_start(&c->thread, "claimer", run, d, err))
		return -1;
	c->started = true;
	return 0;
}

void claimer_stop(dispatch *d)
{
	claimer *c = d->claimer;

	if (!c || !c->started)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_broadcast(&c->wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	c->started = false;
}

void claimer_free(dispatch *d)
{
	claimer *c = d->claimer;

	if (!c)
		return;
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c);
	d->claimer = NULL;
}
