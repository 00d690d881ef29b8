/*
 * The driver table: what a platform must be able to do for the agent.
 *
 * One file family a platform (driver_process*.c, driver_kubernetes*.c) exports one constant
 * `driver_ops`. The agent's core knows platforms only through it: it never asks which one it has.
 *
 * Threads
 *   open, close       main thread. open before every other call; close after the executors and
 *                     the watch are quiet. close never ends sessions.
 *   start .. remove   executor threads, several at once. Two calls for the same object never
 *                     overlap (the executor keeps the order of an object), calls for different
 *                     objects do. They may block, but end by the command's deadline and soon
 *                     (some seconds) after host->stopping() says true.
 *   inventory         connection thread or an executor, at any time, beside all of the above.
 *   dial              the viewer streams' thread, at any time, beside all of the above. Never
 * blocks. watch             called once by the main thread after open; it starts the driver's own
 *                     thread (if it needs one) and returns. close ends that thread.
 *   host callbacks    from any thread, never while the driver holds a lock that one of its own
 *                     operations takes; they copy what they are given and never block.
 *
 * Ownership: everything passed in belongs to the caller and lives until the call returns. What a
 * driver puts in results are fixed-size buffers, or memory that the named `_done` releases.
 */
#ifndef AGENT_DRIVER_H
#define AGENT_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "common/error.h"

struct agent_options;

/* Bounds of what the wire may bring; longer values are refused before a driver sees them. */
#define DRIVER_ID_SIZE 128     /* command id */
#define DRIVER_KIND_SIZE 24    /* session, template, home */
#define DRIVER_OBJECT_SIZE 192 /* session id, <template>.<org>, home id */
#define DRIVER_STATE_SIZE 24
#define DRIVER_REASON_SIZE 64
#define DRIVER_MESSAGE_SIZE 512
#define DRIVER_UID_SIZE 64
#define DRIVER_INSTALLATION_SIZE 64

typedef enum driver_action
{
	DRIVER_START,
	DRIVER_STOP,
	DRIVER_HIBERNATE,
	DRIVER_WAKE,
	DRIVER_APPLY,
	DRIVER_REMOVE,
} driver_action;

/* A parsed and bounds-checked command. Strings are never empty unless said. */
typedef struct driver_command
{
	char id[DRIVER_ID_SIZE];
	driver_action action;
	char object_kind[DRIVER_KIND_SIZE];             /* [a-z] */
	char object_id[DRIVER_OBJECT_SIZE];             /* [a-z0-9.-], begins with a letter or digit */
	char installation_id[DRIVER_INSTALLATION_SIZE]; /* of the control plane; "" if it named none */
	int64_t revision;
	int64_t epoch;
	int64_t deadline_ms;  /* CLOCK_MONOTONIC milliseconds (timeutil); 0 = the command has none */
	const cJSON *payload; /* an object: the whole desired state; not owned by the driver */
} driver_command;

/* What an effect ended in; goes into `complete`. Zeroed by the caller. */
typedef struct driver_result
{
	char state[DRIVER_STATE_SIZE]; /* starting|running|hibernated|terminated|failed;
									  of a template: applied|removed; of a home: removed */
	int64_t revision;              /* the revision that the object now carries */
	char uid[DRIVER_UID_SIZE];     /* of the object in the platform; "" = none */
} driver_result;

/* A change that the driver saw by itself, or the readiness that followed a command. */
typedef struct driver_observed
{
	const char *session_id;
	int64_t revision;     /* of the projection that was seen; 0 = unknown */
	const char *state;    /* starting|running|hibernated|terminated|failed */
	const char *reason;   /* CamelCase or snake_case code; NULL = none */
	const char *message;  /* for people; NULL = none */
	const char *endpoint; /* where the agent reaches the desktop: unix:PATH or tcp:HOST:PORT */
	const cJSON *details; /* object or NULL; printed by the callee, stays the driver's */
} driver_observed;

/* One object of the inventory. */
typedef struct driver_object
{
	char kind[DRIVER_KIND_SIZE];
	char id[DRIVER_OBJECT_SIZE];
	int64_t revision; /* 0 = a part of it is missing: the control plane sends the command again */
	char uid[DRIVER_UID_SIZE];
	char state[DRIVER_STATE_SIZE];
} driver_object;

typedef struct driver_inventory
{
	driver_object *items; /* malloc'd; driver_inventory_done */
	size_t count;
	size_t room;
	/*
	 * False when the driver cannot vouch for the list (its list call failed half way, its cache is
	 * not synchronised): the agent then sends it without the mark `complete`, and nothing is
	 * concluded from it.
	 */
	bool complete;
} driver_inventory;

/* Appends a copy; -1 only when memory is out or the bound (100,000 objects) is met. */
int driver_inventory_add(driver_inventory *inventory, const driver_object *object, ss_error *err)
	__attribute__((warn_unused_result));
void driver_inventory_done(driver_inventory *inventory);

/* What the core offers to the driver. Constant for the life of the driver. */
typedef struct driver_host
{
	void *ctx;
	const struct agent_options *options;

	/*
	 * Tells the control plane what was seen. Kept (the latest of each session) while there is no
	 * connection. Never blocks, never fails: what does not reach the control plane stands in the
	 * next inventory.
	 */
	void (*observed)(void *ctx, const driver_observed *observed);

	/* How far a command has come, for the person who waits. percent < 0 = not known. */
	void (*progress)(void *ctx, const driver_command *command, const char *phase, int percent);

	/*
	 * The platform was seen to differ from what the agent reported (projections deleted by hand):
	 * a new inventory is taken and sent soon. Calls within a second become one.
	 */
	void (*resync)(void *ctx);

	/* True once the agent is told to end: blocking operations return soon. */
	bool (*stopping)(void *ctx);
} driver_host;

typedef struct driver_instance driver_instance; /* each driver defines its own */

typedef struct driver_ops
{
	const char *name; /* value of --platform */

	/*
	 * Reads its options, takes up what earlier runs of the agent left (re-adoption), starts
	 * nothing new. Fails only when this host cannot serve at all.
	 */
	int (*open)(const driver_host *host, driver_instance **ret, ss_error *err);
	void (*close)(driver_instance *driver);

	/*
	 * Effects. Each brings the object to what `command` says, from whatever is there, and is
	 * idempotent: done twice, or again after the agent was killed in the middle, the world is the
	 * same. A command of a revision lower than the object's own has no effect: return 0 with the
	 * present state and revision. Return 0 when the effect is there (ret filled; a start may
	 * return `starting` and report `running` through observed), -1 with err->code = the reason
	 * (snake_case) and err->message for people.
	 */
	int (*start)(driver_instance *, const driver_command *, driver_result *ret, ss_error *err);
	int (*stop)(driver_instance *, const driver_command *, driver_result *ret, ss_error *err);
	int (*hibernate)(driver_instance *, const driver_command *, driver_result *ret, ss_error *err);
	int (*wake)(driver_instance *, const driver_command *, driver_result *ret, ss_error *err);
	int (*apply)(driver_instance *, const driver_command *, driver_result *ret, ss_error *err);
	int (*remove)(driver_instance *, const driver_command *, driver_result *ret, ss_error *err);

	/* All objects that this driver holds for this installation. Zeroed by the caller. */
	int (*inventory)(driver_instance *, driver_inventory *ret, ss_error *err);

	int (*watch)(driver_instance *, ss_error *err);

	/*
	 * Begins a connection to the desktop of a session: *ret_fd is a non-blocking stream socket,
	 * perhaps still connecting, that becomes the caller's. A descriptor and no address, because
	 * what a session put in the place of its socket must not lead to somebody else's desktop.
	 * 1: not at this moment, try again soon. ret_fd NULL: says only whether the session has not
	 * ended. Codes: session_not_found, session_not_running, refused.
	 */
	int (*dial)(driver_instance *, const char *session_id, int *ret_fd, ss_error *err);

	/*
	 * Whether strangers reach desktops over the network: "open", "closed", or NULL when that is
	 * not known. The member itself may be NULL. Never blocks for long.
	 */
	const char *(*network)(driver_instance *);

	/*
	 * NULL for a platform that shows no viewers. Called about once a second by the projector's
	 * thread with what the control plane says of viewers (collect_agent_viewers), the same document
	 * until it says something newer: brings what is shown a bounded number of steps nearer to it.
	 */
	void (*project)(driver_instance *, const cJSON *viewers);

	/*
	 * `streamspace-agent doctor`: says of each thing that this platform needs whether the host has
	 * it. No open before it. `say(ctx, name, ok, text)`: text is what was found, or the cure.
	 * Several lines; nothing is changed on the host beyond throw-away files.
	 */
	void (*doctor)(const struct agent_options *options,
		void (*say)(void *ctx, const char *name, bool ok, const char *text), void *ctx);
} driver_ops;

extern const driver_ops driver_process;
extern const driver_ops driver_kubernetes;

/* The driver of that --platform; NULL if there is none. */
const driver_ops *driver_find(const char *name);

#endif
