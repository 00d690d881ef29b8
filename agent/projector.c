/*
 * projector: asks the control plane what is true of viewers, and has the driver show it. A thread
 * of its own, so that neither a slow control plane nor a slow platform delays a command.
 *
 * The question is for everything, every few seconds, and not for changes: whoever opens and closes
 * between two questions is never shown, what somebody deleted or edited comes back, and an answer
 * that was lost costs nothing.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "common/cleanup.h"
#include "common/http.h"
#include "common/json.h"
#include "common/log.h"
#include "common/timeutil.h"

#define MODULE "projector"
#define STEP_MS 1000
#define ASK_MS 5000
#define ALL_ACTIVITY_EVERY 12 /* questions: what was lost of last inputs comes back by then */
#define ACTIVITY_SECONDS 300
#define UNKNOWN_MS 60000 /* without an answer for so long, nobody is known to be there */
#define ANSWER_MAX ((size_t)8 << 20)
#define LOG_MS 60000

struct projector
{
	agent *agent;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopping; /* under lock */
	cJSON *viewers;
	long long answered_ms;
	long long logged_ms;
	unsigned questions;
};

static int ask(projector *self, cJSON **ret, ss_error *err)
{
	const agent_options *options = self->agent->options;
	char path[256];
	char address[1400];
	char header[SS_HEX_SIZE + 32];
	ss_http_response answer = {0};
	int len = snprintf(path, sizeof path, "/api/v1/agents/%s/viewers", options->agent_id);

	if (self->questions++ % ALL_ACTIVITY_EVERY != 0)
		snprintf(path + len, sizeof path - (size_t)len, "?activity_seconds=%d", ACTIVITY_SECONDS);
	if (agent_url_http(&self->agent->url, path, address, sizeof address) == NULL)
		return ss_fail(err, "invalid_option", "control_plane_url is too long");
	snprintf(header, sizeof header, "X-Agent-API-Key: %s", self->agent->identity.key);
	ss_http_request request = {
		.method = "GET",
		.url = address,
		.headers = (const char *const[]){header, NULL},
		.ca_file = options->ca_file != NULL && *options->ca_file ? options->ca_file : NULL,
		.connect_timeout_ms = 3000,
		.timeout_ms = 5000,
		.max_response = ANSWER_MAX,
	};
	int rc = ss_http_perform(&request, &answer, err);
	ss_crypto_wipe(header, sizeof header);
	if (rc < 0)
		return ss_wrap(err, "ask for viewers");
	if (answer.status != 200)
		rc = ss_fail(err, "http_failed", "the control plane answered %ld", answer.status);
	else
		rc = ss_json_parse(answer.body, answer.body_len, ANSWER_MAX, ret, NULL, 0, err);
	ss_http_response_done(&answer);
	return rc < 0 ? ss_wrap(err, "ask for viewers") : 0;
}

/* What nobody vouches for is stale. */
static void make_stale(cJSON *viewers)
{
	cJSON *viewer;

	cJSON_ArrayForEach(viewer, cJSON_GetObjectItemCaseSensitive(viewers, "viewers"))
	{
		cJSON *state = cJSON_GetObjectItemCaseSensitive(viewer, "state");
		if (cJSON_IsString(state) && strcmp(state->valuestring, "active") == 0)
			cJSON_SetValuestring(state, "stale");
	}
}

static void look(projector *self)
{
	cJSON *viewers = NULL;
	ss_error err = SS_ERROR_INIT;
	long long now = ss_time_monotonic_ms();

	if (ask(self, &viewers, &err) == 0)
	{
		cJSON_Delete(self->viewers);
		self->viewers = viewers;
		self->answered_ms = now;
		return;
	}
	if (self->viewers != NULL && now - self->answered_ms > UNKNOWN_MS)
		make_stale(self->viewers);
	if (now - self->logged_ms > LOG_MS)
	{
		self->logged_ms = now;
		ss_log_error(SS_LOG_WARNING, MODULE, "not_answered", &err, NULL);
	}
}

static bool wait_step(projector *self)
{
	struct timespec until = ss_time_deadline(STEP_MS);

	pthread_mutex_lock(&self->lock);
	while (!self->stopping &&
		   pthread_cond_clockwait(&self->changed, &self->lock, CLOCK_MONOTONIC, &until) == 0)
		;
	bool go_on = !self->stopping;
	pthread_mutex_unlock(&self->lock);
	return go_on;
}

static void *run(void *arg)
{
	projector *self = arg;
	agent *owner = self->agent;
	long long ask_ms = 0;

	while (wait_step(self))
	{
		long long now = ss_time_monotonic_ms();
		if (!atomic_load(&owner->welcomed) || !leader_holds(owner->leader))
			continue;
		if (now >= ask_ms)
		{
			look(self);
			ask_ms = now + ASK_MS;
		}
		if (self->viewers != NULL)
			owner->ops->project(owner->driver, self->viewers);
	}
	return NULL;
}

int projector_start(agent *agent_, projector **ret, ss_error *err)
{
	if (agent_->ops->project == NULL)
		return 1;
	projector *self = calloc(1, sizeof *self);
	if (self == NULL)
		return ss_fail(err, "out_of_memory", "no memory for the projector");
	self->agent = agent_;
	self->logged_ms = ss_time_monotonic_ms() - LOG_MS;
	pthread_mutex_init(&self->lock, NULL);
	pthread_cond_init(&self->changed, NULL);
	int code = pthread_create(&self->thread, NULL, run, self);
	if (code != 0)
	{
		free(self);
		return ss_fail_errno(err, code, "start the projector's thread");
	}
	*ret = self;
	return 0;
}

void projector_stop(projector *self)
{
	if (self == NULL)
		return;
	pthread_mutex_lock(&self->lock);
	self->stopping = true;
	pthread_cond_broadcast(&self->changed);
	pthread_mutex_unlock(&self->lock);
	pthread_join(self->thread, NULL);
	cJSON_Delete(self->viewers);
	pthread_mutex_destroy(&self->lock);
	pthread_cond_destroy(&self->changed);
	free(self);
}
