/* agent: puts the threads together and takes them apart. Main thread. */
#include "agent/agent.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "agent/connection.h"
#include "agent/streams.h"
#include "common/crypto.h"
#include "common/http.h"
#include "common/log.h"

#define OBJECTS_MAX 20000
#define RESULTS_MAX 1024
#define FLUSH_MS 3000
#define RESYNC_MS 500
#define DESCRIPTORS_SPARE 1024

/* ---- What the driver may call. */

static void host_observed(void *ctx, const driver_observed *observed)
{
	agent *self = ctx;
	driver_result state = {0};

	snprintf(state.state, sizeof state.state, "%s", observed->state);
	objects_note(self->objects, "session", observed->session_id, &state);
	outbox_push(self->outbox, OUTBOX_OBSERVED, observed->session_id, wire_print_observed(observed));
}

static void host_progress(void *ctx, const driver_command *command, const char *phase, int percent)
{
	agent *self = ctx;

	outbox_push(
		self->outbox, OUTBOX_PASSING, NULL, wire_print_progress(command->id, phase, percent));
}

static void host_resync(void *ctx)
{
	agent *self = ctx;

	if (self->inventory != NULL)
		inventory_request(self->inventory, RESYNC_MS);
}

static bool host_stopping(void *ctx)
{
	agent *self = ctx;

	/* Who lost the lease sends nothing more, also in the moment before its process ends. */
	return atomic_load(&self->stopping) || !leader_holds(self->leader);
}

/* ---- Between the threads. */

static void on_result(void *ctx, const driver_command *command, char *text)
{
	agent *self = ctx;

	outbox_push(self->outbox, OUTBOX_RESULT, command->id, text);
}

static void on_push(void *ctx)
{
	agent *self = ctx;

	connection_wake(self->connection);
}

static int start_parts(agent *self, ss_error *err)
{
	const agent_options *options = self->options;
	driver_host host = {
		.ctx = self,
		.options = options,
		.observed = host_observed,
		.progress = host_progress,
		.resync = host_resync,
		.stopping = host_stopping,
	};

	self->objects = objects_new(OBJECTS_MAX, RESULTS_MAX);
	self->outbox = outbox_new((size_t)options->outbox, on_push, self);
	if (self->objects == NULL || self->outbox == NULL)
		return ss_fail(err, "out_of_memory", "no memory for the agent");
	if (self->ops->open(&host, &self->driver, err) < 0)
		return ss_wrap(err, "open driver %s", self->ops->name);
	executor_config config = {
		.ops = self->ops,
		.driver = self->driver,
		.objects = self->objects,
		.threads = (int)options->executors,
		.queue = (size_t)options->queue,
		.result = on_result,
		.ctx = self,
	};
	if (executor_start(&config, &self->executor, err) < 0 ||
		inventory_start(self, &self->inventory, err) < 0 ||
		self->ops->watch(self->driver, err) < 0 || streams_start(self, &self->streams, err) < 0)
		return -1;
	if (projector_start(self, &self->projector, err) < 0)
		return -1;
	return connection_start(self, &self->connection, err);
}

/* A viewer takes a descriptor; what commands need stays beside them. */
static void raise_descriptors(const agent_options *options)
{
	rlim_t wanted = (rlim_t)(DESCRIPTORS_SPARE + options->max_streams + options->max_sessions);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/*
 * Who holds the Lease is the one agent that works: to the control plane all its holders are one
 * process, whose connection of before is replaced at once. That of another process would count
 * until it is silent for long, and an upgrade may cut it off without a word.
 */
static void take_instance(const leader *election, agent_identity *identity)
{
	char text[sizeof identity->instance_id];
	size_t n = 0;
	for (const char *c = leader_uid(election); *c != '\0' && n + 1 < sizeof text; c++)
		if (ss_hex_value(*c) >= 0)
			text[n++] = *c;
	text[n] = '\0';
	if (n + 1 == sizeof text)
		memcpy(identity->instance_id, text, sizeof text);
}

int agent_start(const agent_options *options, const leader *election, agent *ret, ss_error *err)
{
	char prefix[9];

	ret->options = options;
	ret->leader = election;
	ret->identity = (agent_identity)AGENT_IDENTITY_INIT;
	ret->ops = driver_find(options->platform);
	raise_descriptors(options);
	if (agent_url_parse(options->control_plane_url, &ret->url, err) < 0 || ss_http_init(err) < 0 ||
		agent_identity_open(options, &ret->identity, err) < 0)
	{
		agent_stop(ret);
		return -1;
	}
	take_instance(election, &ret->identity);
	snprintf(prefix, sizeof prefix, "%.8s", ret->identity.hash);
	ss_log(SS_LOG_INFO, "agent", "start", "agent", options->agent_id, "platform", options->platform,
		"key_prefix", prefix, NULL);
	if (start_parts(ret, err) < 0)
	{
		agent_stop(ret);
		return -1;
	}
	return 0;
}

void agent_stop(agent *self)
{
	atomic_store(&self->stopping, true);
	/* What runs ends first, so that its results can still be sent. Who is called goes last. */
	executor_stop(self->executor);
	inventory_stop(self->inventory);
	projector_stop(self->projector);
	streams_stop(self->streams);
	if (self->driver != NULL)
		self->ops->close(self->driver);
	connection_stop(self->connection, FLUSH_MS);
	inventory_free(self->inventory);
	streams_free(self->streams);
	executor_free(self->executor);
	outbox_free(self->outbox);
	objects_free(self->objects);
	agent_identity_done(&self->identity);
}
