/*
 * inventory: a thread that asks the driver for its objects and puts them in the outbox. A thread
 * of its own because a driver may have to ask its platform, and no heartbeat may wait for that.
 */
#include <pthread.h>
#include <stdlib.h>

#include "agent/agent.h"
#include "common/log.h"
#include "common/timeutil.h"

#define CHUNK 200
#define RETRY_MS 5000

struct inventory
{
	agent *agent;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	long long due_ms; /* monotonic; 0 = nothing is asked for */
	bool stopping;
};

static void send_chunks(agent *self, const driver_inventory *list)
{
	size_t from = 0;
	int chunk = 0;

	do
	{
		size_t count = list->count - from < CHUNK ? list->count - from : CHUNK;
		bool last = from + count == list->count;
		outbox_push(self->outbox, OUTBOX_PASSING, NULL,
			wire_print_inventory(list, from, count, chunk++, last && list->complete));
		from += count;
	} while (from < list->count);
	ss_log(SS_LOG_INFO, "inventory", "sent", "objects", SS_NUM(list->count), "complete",
		list->complete ? "true" : "false", NULL);
}

/* Returns whether it worked. */
static bool take(agent *self)
{
	driver_inventory list = {0};
	ss_error err = SS_ERROR_INIT;
	bool ok = self->ops->inventory(self->driver, &list, &err) == 0;

	if (ok)
	{
		objects_note_inventory(self->objects, &list);
		send_chunks(self, &list);
	}
	else
		ss_log_error(SS_LOG_WARNING, "inventory", "failed", &err, NULL);
	driver_inventory_done(&list);
	return ok;
}

static void *run(void *arg)
{
	inventory *self = arg;

	pthread_mutex_lock(&self->lock);
	while (!self->stopping)
	{
		long long now = ss_time_monotonic_ms();
		if (self->due_ms == 0)
			pthread_cond_wait(&self->changed, &self->lock);
		else if (self->due_ms > now)
		{
			struct timespec until = ss_time_deadline((int)(self->due_ms - now));
			pthread_cond_clockwait(&self->changed, &self->lock, CLOCK_MONOTONIC, &until);
		}
		else
		{
			self->due_ms = 0;
			pthread_mutex_unlock(&self->lock);
			bool ok = take(self->agent);
			pthread_mutex_lock(&self->lock);
			if (!ok && self->due_ms == 0)
				self->due_ms = ss_time_monotonic_ms() + RETRY_MS;
		}
	}
	pthread_mutex_unlock(&self->lock);
	return NULL;
}

int inventory_start(agent *agent_, inventory **ret, ss_error *err)
{
	inventory *self = calloc(1, sizeof *self);

	if (self == NULL)
		return ss_fail(err, "out_of_memory", "no memory for the inventory");
	self->agent = agent_;
	pthread_mutex_init(&self->lock, NULL);
	pthread_cond_init(&self->changed, NULL);
	int code = pthread_create(&self->thread, NULL, run, self);
	if (code != 0)
	{
		free(self);
		return ss_fail_errno(err, code, "start the inventory's thread");
	}
	*ret = self;
	return 0;
}

void inventory_request(inventory *self, int delay_ms)
{
	long long due = ss_time_monotonic_ms() + delay_ms;

	pthread_mutex_lock(&self->lock);
	if (self->due_ms == 0 || due < self->due_ms)
		self->due_ms = due > 0 ? due : 1;
	pthread_cond_signal(&self->changed);
	pthread_mutex_unlock(&self->lock);
}

void inventory_stop(inventory *self)
{
	if (self == NULL)
		return;
	pthread_mutex_lock(&self->lock);
	self->stopping = true;
	pthread_cond_signal(&self->changed);
	pthread_mutex_unlock(&self->lock);
	pthread_join(self->thread, NULL);
}

void inventory_free(inventory *self)
{
	if (self == NULL)
		return;
	pthread_mutex_destroy(&self->lock);
	pthread_cond_destroy(&self->changed);
	free(self);
}
