/*
 * executor: one lane for each object that has work; a lane is in the ready list while it has
 * commands and none of them runs. Threads as in executor.h.
 */
#include "agent/executor.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fault.h"
#include "common/log.h"
#include "common/timeutil.h"

typedef struct job
{
	struct job *next;
	wire_command *command;
} job;

typedef struct lane
{
	struct lane *next;       /* of all lanes */
	struct lane *next_ready; /* of the ready list */
	char kind[DRIVER_KIND_SIZE];
	char id[DRIVER_OBJECT_SIZE];
	job *head; /* the first one runs while `running` */
	bool running;
} lane;

struct executor
{
	executor_config config;
	pthread_mutex_t lock;
	pthread_cond_t work;
	lane *lanes;
	lane *ready;
	lane **ready_tail;
	size_t len;
	bool stopping;
	int started;
	pthread_t threads[];
};

static int (*operation(const driver_ops *ops, driver_action action))(
	driver_instance *, const driver_command *, driver_result *, ss_error *)
{
	switch (action)
	{
	case DRIVER_START:
		return ops->start;
	case DRIVER_STOP:
		return ops->stop;
	case DRIVER_HIBERNATE:
		return ops->hibernate;
	case DRIVER_WAKE:
		return ops->wake;
	case DRIVER_APPLY:
		return ops->apply;
	case DRIVER_REMOVE:
		return ops->remove;
	}
	return NULL;
}

/* A start that nobody waits for any more; everything else is done late rather than never. */
static bool is_late(const driver_command *command)
{
	return command->deadline_ms > 0 && ss_time_monotonic_ms() > command->deadline_ms &&
		   (command->action == DRIVER_START || command->action == DRIVER_WAKE);
}

/* Does one command; the message of its result, NULL when memory is out. */
static char *carry_out(executor *pool, const driver_command *command)
{
	const executor_config *config = &pool->config;
	ss_error err = SS_ERROR_INIT;
	driver_result result = {0};
	char text[1024];
	long long begin = ss_time_monotonic_ms();

	if (objects_is_overtaken(
			config->objects, command->object_kind, command->object_id, command->revision, &result))
		return wire_print_complete(command->id, &result);
	if (is_late(command))
		return wire_print_failed(
			command->id, "the deadline passed before the start", "deadline_exceeded");
	ss_fault("effect-before");
	int done = operation(config->ops, command->action)(config->driver, command, &result, &err);
	ss_fault("effect-after");
	if (done < 0)
	{
		ss_log_error(SS_LOG_WARNING, "executor", "command_failed", &err, "command", command->id,
			"action", wire_action_name(command->action), "object", command->object_id, NULL);
		return wire_print_failed(command->id, ss_error_text(&err, text, sizeof text), err.code);
	}
	objects_note(config->objects, command->object_kind, command->object_id, &result);
	ss_log(SS_LOG_INFO, "executor", "command_done", "command", command->id, "action",
		wire_action_name(command->action), "object", command->object_id, "revision",
		SS_NUM(command->revision), "state", result.state, "ms",
		SS_NUM(ss_time_monotonic_ms() - begin), NULL);
	return wire_print_complete(command->id, &result);
}

static void make_ready(executor *pool, lane *way)
{
	way->next_ready = NULL;
	*pool->ready_tail = way;
	pool->ready_tail = &way->next_ready;
	pthread_cond_signal(&pool->work);
}

static void remove_lane(executor *pool, lane *way)
{
	lane **at = &pool->lanes;

	while (*at != way)
		at = &(*at)->next;
	*at = way->next;
	free(way);
}

static void *worker(void *arg)
{
	executor *pool = arg;

	pthread_mutex_lock(&pool->lock);
	for (;;)
	{
		while (pool->ready == NULL && !pool->stopping)
			pthread_cond_wait(&pool->work, &pool->lock);
		if (pool->stopping)
			break;
		lane *way = pool->ready;
		pool->ready = way->next_ready;
		if (pool->ready == NULL)
			pool->ready_tail = &pool->ready;
		way->running = true;
		job *item = way->head;
		pthread_mutex_unlock(&pool->lock);

		const driver_command *command = &item->command->command;
		char *text = carry_out(pool, command);
		if (text != NULL)
			objects_set_result(pool->config.objects, command->id, text);
		pool->config.result(pool->config.ctx, command, text);

		pthread_mutex_lock(&pool->lock);
		way->running = false;
		way->head = item->next;
		pool->len--;
		wire_command_free(item->command);
		free(item);
		if (way->head == NULL)
			remove_lane(pool, way);
		else
			make_ready(pool, way);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

int executor_start(const executor_config *config, executor **ret, ss_error *err)
{
	executor *pool = calloc(1, sizeof *pool + (size_t)config->threads * sizeof *pool->threads);

	if (pool == NULL)
		return ss_fail(err, "out_of_memory", "no memory for the executor");
	pool->config = *config;
	pool->ready_tail = &pool->ready;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	for (; pool->started < config->threads; pool->started++)
	{
		int code = pthread_create(&pool->threads[pool->started], NULL, worker, pool);
		if (code != 0)
		{
			executor_free(pool);
			return ss_fail_errno(err, code, "start an executor");
		}
	}
	*ret = pool;
	return 0;
}

static lane *find_lane(executor *pool, const driver_command *command)
{
	lane *way = pool->lanes;

	while (way != NULL && (strcmp(way->id, command->object_id) != 0 ||
							  strcmp(way->kind, command->object_kind) != 0))
		way = way->next;
	return way;
}

static bool waits_already(const lane *way, const char *command_id)
{
	for (const job *item = way->head; item != NULL; item = item->next)
	{
		if (strcmp(item->command->command.id, command_id) == 0)
			return true;
	}
	return false;
}

static lane *new_lane(executor *pool, const driver_command *command)
{
	lane *way = calloc(1, sizeof *way);

	if (way == NULL)
		return NULL;
	snprintf(way->kind, sizeof way->kind, "%s", command->object_kind);
	snprintf(way->id, sizeof way->id, "%s", command->object_id);
	way->next = pool->lanes;
	pool->lanes = way;
	return way;
}

/* With the lock held. The job is the lane's afterwards. */
static executor_answer enqueue(executor *pool, job *item)
{
	const driver_command *command = &item->command->command;
	lane *way = find_lane(pool, command);

	if (way != NULL && waits_already(way, command->id))
		return EXECUTOR_KNOWN;
	if (pool->len >= pool->config.queue || pool->stopping)
		return EXECUTOR_FULL;
	bool idle = way == NULL;
	if (idle && (way = new_lane(pool, command)) == NULL)
		return EXECUTOR_FULL;
	/* A lane is short: commands of one object. */
	job **last = &way->head;
	while (*last != NULL)
		last = &(*last)->next;
	*last = item;
	pool->len++;
	if (idle)
		make_ready(pool, way);
	return EXECUTOR_ACCEPTED;
}

executor_answer executor_submit(executor *pool, wire_command *command)
{
	char *stored = objects_result(pool->config.objects, command->command.id);

	if (stored != NULL)
	{
		pool->config.result(pool->config.ctx, &command->command, stored);
		wire_command_free(command);
		return EXECUTOR_DONE;
	}
	job *item = calloc(1, sizeof *item);
	if (item == NULL)
	{
		wire_command_free(command);
		return EXECUTOR_FULL;
	}
	item->command = command;
	pthread_mutex_lock(&pool->lock);
	executor_answer answer = enqueue(pool, item);
	pthread_mutex_unlock(&pool->lock);
	if (answer != EXECUTOR_ACCEPTED)
	{
		wire_command_free(command);
		free(item);
	}
	return answer;
}

void executor_stop(executor *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (int i = 0; i < pool->started; i++)
		pthread_join(pool->threads[i], NULL);
	pool->started = 0;
}

void executor_free(executor *pool)
{
	if (pool == NULL)
		return;
	executor_stop(pool);
	while (pool->lanes != NULL)
	{
		lane *way = pool->lanes;
		pool->lanes = way->next;
		while (way->head != NULL)
		{
			job *item = way->head;
			way->head = item->next;
			wire_command_free(item->command);
			free(item);
		}
		free(way);
	}
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->work);
	free(pool);
}

bool executor_has_room(executor *pool)
{
	pthread_mutex_lock(&pool->lock);
	bool room = pool->len < pool->config.queue && !pool->stopping;
	pthread_mutex_unlock(&pool->lock);
	return room;
}

size_t executor_len(executor *pool)
{
	pthread_mutex_lock(&pool->lock);
	size_t len = pool->len;
	pthread_mutex_unlock(&pool->lock);
	return len;
}
