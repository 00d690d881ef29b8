/*
 * agent: what the threads of `streamspace-agent run` share.
 *
 *   main         signals
 *   connection   libwebsockets loop: reads frames, hands commands on, writes the outbox
 *   projector    asks the control plane for viewers, and has the driver show them
 *   inventory    asks the driver for all objects, when told to
 *   executors    carry commands out
 *   streams      libwebsockets loop of its own: viewers' bytes to and from desktops
 *   driver       its own threads, if it has any
 *
 * Fields are constant after agent_start(), but for those of the connection's thread and the
 * atomic ones.
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <pthread.h>
#include <stdatomic.h>

#include "agent/driver.h"
#include "agent/executor.h"
#include "agent/identity.h"
#include "agent/leader.h"
#include "agent/objects.h"
#include "agent/options.h"
#include "agent/outbox.h"
#include "agent/url.h"
#include "agent/wire.h"

typedef struct connection connection;
typedef struct inventory inventory;
typedef struct streams streams;
typedef struct projector projector;

typedef struct agent
{
	const agent_options *options;
	const leader *leader;    /* NULL: no other process has this agent's id */
	agent_identity identity; /* connection thread after start */
	agent_url url;
	const driver_ops *ops;
	driver_instance *driver;
	objects *objects;
	outbox *outbox;
	executor *executor;
	inventory *inventory;
	connection *connection;
	streams *streams;
	projector *projector; /* NULL: the driver shows no viewers */

	atomic_bool stopping;      /* SIGTERM: finish what runs, take nothing new */
	atomic_bool welcomed;      /* the control plane took this agent once */
	atomic_bool draining;      /* told by the control plane; heartbeats say so */
	atomic_int exit_code;      /* set by the connection when it gives up for good */
	atomic_ullong unsupported; /* messages of unknown type so far */
} agent;

/*
 * Fills the zeroed *ret and starts all threads. election: NULL, or the election that this process
 * has won and that outlives the agent. -1: nothing runs.
 */
int agent_start(
	const agent_options *options, const leader *election, agent *ret, ss_error *err) SS_MUST_CHECK;

/* Finishes running commands, sends what waits (a few seconds at most), ends all threads. */
void agent_stop(agent *agent);

/* ---- messages.c. Connection thread. */

/*
 * Handles one frame. 0; or a WebSocket close code (1002, 1007, 1008) and its reason when the
 * connection must end.
 */
int messages_handle(agent *agent, const char *frame, size_t len, const char **ret_reason);

/* ---- projector.c */

/* 1: the driver shows no viewers, and *ret is NULL. */
int projector_start(agent *agent, projector **ret, ss_error *err) SS_MUST_CHECK;
/* NULL is allowed. */
void projector_stop(projector *projector);

/* ---- inventory.c */

int inventory_start(agent *agent, inventory **ret, ss_error *err) SS_MUST_CHECK;
/* A new inventory is taken and sent within delay_ms; calls until then become one. Any thread. */
void inventory_request(inventory *inventory, int delay_ms);
/* Ends the thread; requests are still taken, and do nothing, until it is freed. */
void inventory_stop(inventory *inventory);
void inventory_free(inventory *inventory);

#endif
