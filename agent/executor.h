/*
 * executor: carries commands out, several at a time, those of one object one after another.
 *
 * The connection's thread submits; `threads` workers call the driver. For each command exactly
 * one result leaves through config.result (from a worker): complete or failed, also for a command
 * that needed no effect.
 */
#ifndef AGENT_EXECUTOR_H
#define AGENT_EXECUTOR_H

#include "agent/driver.h"
#include "agent/objects.h"
#include "agent/wire.h"

typedef struct executor executor;

typedef struct executor_config
{
	const driver_ops *ops;
	driver_instance *driver;
	objects *objects; /* shared; not owned */
	int threads;
	size_t queue; /* commands that wait or run */
	/* text: a message for the control plane, taken over. */
	void (*result)(void *ctx, const driver_command *command, char *text);
	void *ctx;
} executor_config;

typedef enum executor_answer
{
	EXECUTOR_ACCEPTED, /* taken over */
	EXECUTOR_KNOWN,    /* the same command waits or runs already; freed */
	EXECUTOR_DONE,     /* the same command was done; its stored result was answered; freed */
	EXECUTOR_FULL,     /* not taken: freed; the control plane sends it again */
} executor_answer;

int executor_start(const executor_config *config, executor **ret, ss_error *err) SS_MUST_CHECK;

executor_answer executor_submit(executor *pool, wire_command *command);

/*
 * Takes nothing more, waits for what runs and ends the threads; what waits is not done (the control
 * plane sends it again). Other threads may still call. NULL is allowed; twice is once.
 */
void executor_stop(executor *pool);

/* Stops, and frees. Nobody may call any more. NULL is allowed. */
void executor_free(executor *pool);

/* Whether a command would be taken. */
bool executor_has_room(executor *pool);

size_t executor_len(executor *pool);

#endif
