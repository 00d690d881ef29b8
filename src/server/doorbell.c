/* doorbell: see doorbell.h. */
#include "server/doorbell.h"

#include <limits.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/timeutil.h"
#include "ecpg/db_queue.h"
#include "server/agent_registry.h"

/* Awake: fewer commands than this in such a time, and the bell is armed again. */
#define SLOW_COMMANDS 10
#define SLOW_US 250000
#define AWAKE_POLL_US 100000
#define SETTLE_LEAST_US 500
#define SETTLE_MOST_US 10000
/* Longer than any pause of the claimer; it only matters once the server is dead. */
#define LEASE_SECONDS 10
#define RENEW_US 3000000
#define ANSWER_MAX ((size_t)16 << 20)

void doorbell_reset(doorbell *bell)
{
	*bell = (doorbell){.state = DOORBELL_UNSURE};
}

void doorbell_count(doorbell *bell, int commands)
{
	if (bell->state == DOORBELL_AWAKE)
		bell->count += commands;
}

/* From here on who is not seen to write will ring. */
static int settle(dispatch *d, db_conn *conn, doorbell *bell, long long now_us, ss_error *err)
{
	if (db_take_horizon(conn, &bell->horizon, err))
		return -1;
	bell->state = DOORBELL_SETTLING;
	bell->give_up_us = now_us + d->cfg.settle_seconds * 1000000;
	bell->interval_us = SETTLE_LEAST_US;
	bell->look_us = now_us;
	bell->count = 0;
	return 0;
}

static int wake_up(dispatch *d, db_conn *conn, doorbell *bell, long long now_us, ss_error *err)
{
	if (db_set_doorbell(conn, d->cfg.replica, LEASE_SECONDS, err))
		return -1;
	if (bell->state != DOORBELL_AWAKE)
	{
		bell->state = DOORBELL_AWAKE;
		bell->window_us = now_us;
		bell->count = 0;
		bell->look_us = now_us;
		DISPATCH_COUNT(d, awakenings);
	}
	bell->renew_us = now_us + RENEW_US;
	return 0;
}

/* Whether the rings of late make polling worth while. */
static bool is_fast(doorbell *bell, int rings, long long now_us)
{
	if (bell->state == DOORBELL_AWAKE || rings == 0)
		return false;
	if (now_us - bell->window_us > DOORBELL_FAST_US)
	{
		bell->window_us = now_us;
		bell->count = 0;
	}
	bell->count += rings;
	return bell->count >= DOORBELL_FAST_RINGS;
}

/* Marks the agents that have commands. *ret_oldest: what earlier transactions wrote was seen. */
static int poll_once(
	dispatch *d, db_conn *conn, long long *ret_oldest, bool *ret_any, ss_error *err)
{
	auto_free char *json = NULL;
	auto_cjson cJSON *found = NULL;
	const cJSON *agent;

	if (db_find_waiting_agents(conn, d->cfg.replica, &json, err) ||
		ss_json_parse(json, strlen(json), ANSWER_MAX, &found, NULL, 0, err) ||
		ss_json_int(found, "oldest", ret_oldest))
		return ss_wrap(err, "look for agents with commands");
	DISPATCH_COUNT(d, polls);
	cJSON_ArrayForEach(agent, cJSON_GetObjectItemCaseSensitive(found, "agents"))
	{
		if (cJSON_IsString(agent))
			*ret_any |= agent_registry_ring(d->registry, agent->valuestring);
	}
	return 0;
}

static void after_poll_settling(doorbell *bell, long long oldest, bool any, long long now_us)
{
	if ((oldest > bell->horizon && !any) || now_us >= bell->give_up_us)
	{
		bell->state = DOORBELL_ASLEEP;
		bell->look_us = LLONG_MAX;
		return;
	}
	bell->look_us = now_us + bell->interval_us;
	bell->interval_us *= 2;
	if (bell->interval_us > SETTLE_MOST_US)
		bell->interval_us = SETTLE_MOST_US;
}

static void after_poll_awake(doorbell *bell, long long now_us)
{
	bell->look_us = now_us + AWAKE_POLL_US;
	if (now_us - bell->window_us < SLOW_US)
		return;
	if (bell->count < SLOW_COMMANDS)
	{
		bell->state = DOORBELL_UNSURE;
		bell->look_us = now_us;
	}
	bell->window_us = now_us;
	bell->count = 0;
}

/* Changes the state where rings, an agent or a lease ask for it. */
static int turn(dispatch *d, db_conn *conn, doorbell *bell, int rings, bool newcomer, ss_error *err)
{
	long long now_us = ss_time_monotonic_us();
	bool renew = bell->state == DOORBELL_AWAKE && now_us >= bell->renew_us;

	if (renew || is_fast(bell, rings, now_us))
		return wake_up(d, conn, bell, now_us, err);
	if (bell->state == DOORBELL_UNSURE)
		return db_set_doorbell(conn, d->cfg.replica, 0, err) || settle(d, conn, bell, now_us, err)
				   ? -1
				   : 0;
	return newcomer && bell->state != DOORBELL_AWAKE ? settle(d, conn, bell, now_us, err) : 0;
}

int doorbell_look(
	dispatch *d, db_conn *conn, doorbell *bell, int rings, bool newcomer, ss_error *err)
{
	long long oldest = 0;
	bool any = false;

	if (turn(d, conn, bell, rings, newcomer, err))
		return -1;
	if (bell->state != DOORBELL_ASLEEP && ss_time_monotonic_us() >= bell->look_us)
	{
		if (poll_once(d, conn, &oldest, &any, err))
			return -1;
		if (bell->state == DOORBELL_SETTLING)
			after_poll_settling(bell, oldest, any, ss_time_monotonic_us());
		else
			after_poll_awake(bell, ss_time_monotonic_us());
	}
	atomic_store(&d->asleep, bell->state == DOORBELL_ASLEEP);
	return 0;
}

int doorbell_leave(dispatch *d, db_conn *conn, ss_error *err)
{
	return db_set_doorbell(conn, d->cfg.replica, 0, err);
}
