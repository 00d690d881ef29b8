/* Leader election. Threads as in leader.h. */
#include "agent/leader.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/kube_object.h"
#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/exit.h"
#include "common/json.h"
#include "common/log.h"
#include "common/timeutil.h"

#define MODULE "leader"
#define IDENTITY_SIZE 128
#define RECORD_SIZE 512
#define TRY_MS 5000 /* one request, its repetitions included */
#define RELEASE_MS 2000

struct leader
{
	kube_client *client;
	char name_space[256];
	char name[256];
	char identity[IDENTITY_SIZE];
	char uid[64]; /* of the Lease; written before the process leads */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopping;             /* under lock */
	atomic_bool giving_up;     /* a request that waits ends: this process holds nothing */
	atomic_llong until_ms;     /* monotonic; 0: not the holder */
	char record[RECORD_SIZE];  /* as last seen; thread */
	long long record_ms;       /* when it was first seen so; thread */
	char rival[IDENTITY_SIZE]; /* the last holder that was logged; thread */
};

bool leader_holds(const leader *self)
{
	return self == NULL || ss_time_monotonic_ms() < atomic_load(&self->until_ms);
}

const char *leader_uid(const leader *self)
{
	return self != NULL ? self->uid : "";
}

static bool is_giving_up(void *ctx)
{
	leader *self = ctx;
	return atomic_load(&self->giving_up);
}

static const cJSON *spec_of(const cJSON *lease)
{
	return ss_json_object(lease, "spec");
}

static const char *text_of(const cJSON *lease, const char *name)
{
	const char *text = ss_json_string(spec_of(lease), name);
	return text != NULL ? text : "";
}

/* A MicroTime. */
static void print_time(char ret[40])
{
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	size_t len = strftime(ret, 24, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(ret + len, 40 - len, ".%06ldZ", now.tv_nsec / 1000);
}

static int set_text(cJSON *spec, const char *name, const char *value)
{
	cJSON_DeleteItemFromObjectCaseSensitive(spec, name);
	return cJSON_AddStringToObject(spec, name, value) != NULL ? 0 : -1;
}

static int set_number(cJSON *spec, const char *name, double value)
{
	cJSON_DeleteItemFromObjectCaseSensitive(spec, name);
	return cJSON_AddNumberToObject(spec, name, value) != NULL ? 0 : -1;
}

/* Writes this holder into the lease; anew: it was another's, or nobody's. */
static int fill(const leader *self, cJSON *lease, bool anew, ss_error *err)
{
	char now[40];
	long long transitions = 0;
	cJSON *spec = cJSON_GetObjectItemCaseSensitive(lease, "spec");

	if (spec == NULL)
		spec = cJSON_AddObjectToObject(lease, "spec");
	print_time(now);
	if (ss_json_int(spec, "leaseTransitions", &transitions) != 0)
		transitions = 0;
	int rc = set_text(spec, "holderIdentity", self->identity) |
			 set_number(spec, "leaseDurationSeconds", LEADER_LEASE_MS / 1000.0) |
			 set_text(spec, "renewTime", now);
	if (rc == 0 && anew)
		rc = set_text(spec, "acquireTime", now) |
			 set_number(spec, "leaseTransitions", (double)transitions + 1);
	return rc == 0 ? 0 : ss_fail(err, "out_of_memory", "no memory for a lease");
}

static int create(const leader *self, const kube_scope *scope, ss_error *err)
{
	auto_cjson cJSON *lease = cJSON_CreateObject();
	cJSON *meta = cJSON_AddObjectToObject(lease, "metadata");

	if (cJSON_AddStringToObject(meta, "name", self->name) == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a lease");
	if (fill(self, lease, true, err) < 0)
		return -1;
	return kube_create(scope, &kube_lease, lease, NULL, err);
}

/* Remembers when the record last changed, by our clock. */
static void observe(leader *self, const cJSON *lease)
{
	char record[RECORD_SIZE];

	snprintf(record, sizeof record, "%.200s %.100s %.100s", text_of(lease, "holderIdentity"),
		text_of(lease, "renewTime"), text_of(lease, "acquireTime"));
	if (strcmp(record, self->record) == 0)
		return;
	snprintf(self->record, sizeof self->record, "%s", record);
	self->record_ms = ss_time_monotonic_ms();
}

static void log_rival(leader *self, const char *holder)
{
	if (strcmp(self->rival, holder) == 0)
		return;
	snprintf(self->rival, sizeof self->rival, "%s", holder);
	ss_log(SS_LOG_INFO, MODULE, "waiting", "lease", self->name, "holder", holder, NULL);
}

/* 0: this process holds the lease, from before the request on; 1: another does. */
static int apply_for(leader *self, const kube_scope *scope, ss_error *err)
{
	auto_cjson cJSON *lease = NULL;
	long long duration_s = LEADER_LEASE_MS / 1000;
	int rc = kube_get(scope, &kube_lease, self->name, &lease, err);

	if (rc < 0)
		return -1;
	if (rc == 1)
		return create(self, scope, err);
	observe(self, lease);
	const char *uid = ss_json_string(ss_json_object(lease, "metadata"), "uid");
	if (uid != NULL && atomic_load(&self->until_ms) == 0)
		snprintf(self->uid, sizeof self->uid, "%s", uid);
	const char *holder = text_of(lease, "holderIdentity");
	bool own = strcmp(holder, self->identity) == 0;
	if (ss_json_int(spec_of(lease), "leaseDurationSeconds", &duration_s) != 0 || duration_s < 1 ||
		duration_s > 3600)
		duration_s = LEADER_LEASE_MS / 1000;
	if (!own && *holder != '\0' && ss_time_monotonic_ms() < self->record_ms + duration_s * 1000)
	{
		log_rival(self, holder);
		return 1;
	}
	if (fill(self, lease, !own, err) < 0)
		return -1;
	return kube_replace(scope, &kube_lease, lease, NULL, err);
}

/* Nothing is cleaned up: whatever this process still did would be done beside the new holder. */
static _Noreturn void end_process(const leader *self, const char *why)
{
	ss_log(SS_LOG_ERROR, MODULE, "lease_lost", "lease", self->name, "why", why, NULL);
	_exit(SS_EXIT_FAILURE);
}

/* One try. */
static void step(leader *self)
{
	long long began = ss_time_monotonic_ms();
	long long until = atomic_load(&self->until_ms);
	ss_error err = SS_ERROR_INIT;

	if (until != 0 && began >= until)
		end_process(self, "not renewed in time");
	kube_scope scope = {.client = self->client,
		.name_space = self->name_space,
		.deadline_ms = until != 0 && until < began + TRY_MS ? until : began + TRY_MS};
	int rc = apply_for(self, &scope, &err);
	if (rc == 0)
	{
		atomic_store(&self->until_ms, began + LEADER_RENEW_MS);
		if (until == 0)
			ss_log(SS_LOG_INFO, MODULE, "leading", "lease", self->name, "identity", self->identity,
				NULL);
		return;
	}
	if (until != 0 && rc == 1)
		end_process(self, "another holder");
	if (until != 0 && ss_time_monotonic_ms() >= until)
		end_process(self, "not renewed in time");
	/* Who lost a race for it sees the winner at the next try. */
	if (rc < 0 && strcmp(err.code, "kube_conflict") != 0 &&
		strcmp(err.code, "kube_already_exists") != 0 && strcmp(err.code, "stopping") != 0)
		ss_log_error(SS_LOG_WARNING, MODULE, "lease_unreachable", &err, "lease", self->name, NULL);
}

/* Two seconds and up to 1.2 times as much again; false: told to stop. */
static bool wait_for_next(leader *self)
{
	unsigned char random[2] = {0};
	ss_error ignored = SS_ERROR_INIT;
	long long until = atomic_load(&self->until_ms);
	long long ms = LEADER_RETRY_MS;

	(void)!ss_random_bytes(random, sizeof random, &ignored);
	ms += LEADER_RETRY_MS * 12 / 10 * (random[0] << 8 | random[1]) / 65536;
	long long left = until - ss_time_monotonic_ms();
	if (until != 0 && left < ms)
		ms = left > 0 ? left : 0;
	struct timespec end = ss_time_deadline((int)ms);
	pthread_mutex_lock(&self->lock);
	while (!self->stopping &&
		   pthread_cond_clockwait(&self->changed, &self->lock, CLOCK_MONOTONIC, &end) == 0)
		;
	bool go_on = !self->stopping;
	pthread_mutex_unlock(&self->lock);
	return go_on;
}

static void *run(void *arg)
{
	leader *self = arg;

	do
		step(self);
	while (wait_for_next(self));
	return NULL;
}

static void name_identity(leader *self, const char *token)
{
	char host[80] = "";

	(void)gethostname(host, sizeof host - 1);
	snprintf(self->identity, sizeof self->identity, "%s_%.16s", host, token);
}

static int open_client(leader *self, const agent_options *options, ss_error *err)
{
	kube_config config = {0};
	kube_client_options limits = KUBE_CLIENT_DEFAULTS;
	limits.stopping = is_giving_up;
	limits.ctx = self;

	if (kube_config_load(options->kubeconfig, &config, err) < 0)
		return -1;
	const char *name_space = options->namespace;
	if (name_space == NULL || *name_space == '\0')
		name_space = config.name_space;
	snprintf(self->name_space, sizeof self->name_space, "%s", name_space != NULL ? name_space : "");
	int rc = kube_client_open(&config, &limits, &self->client, err);
	kube_config_done(&config);
	return rc;
}

int leader_start(const agent_options *options, leader **ret, ss_error *err)
{
	char token[SS_HEX_SIZE];
	const char *name = options->leader_election_lease;

	*ret = NULL;
	if (name == NULL || *name == '\0')
		return 1;
	leader *self = calloc(1, sizeof *self);
	if (self == NULL)
		return ss_fail(err, "out_of_memory", "no memory for the election");
	snprintf(self->name, sizeof self->name, "%s", name);
	pthread_mutex_init(&self->lock, NULL);
	pthread_cond_init(&self->changed, NULL);
	int rc = ss_random_token(token, err) < 0 ? -1 : open_client(self, options, err);
	if (rc == 0)
	{
		name_identity(self, token);
		int code = pthread_create(&self->thread, NULL, run, self);
		if (code != 0)
			rc = ss_fail_errno(err, code, "start the thread of the election");
	}
	if (rc < 0)
	{
		kube_client_close(self->client);
		free(self);
		return ss_wrap(err, "leader_election_lease %s", name);
	}
	*ret = self;
	return 0;
}

/* The record of nobody, so that who waits needs not wait for the end of it. */
static void release(leader *self)
{
	auto_cjson cJSON *lease = NULL;
	ss_error err = SS_ERROR_INIT;
	kube_scope scope = {.client = self->client,
		.name_space = self->name_space,
		.deadline_ms = ss_time_monotonic_ms() + RELEASE_MS};

	int rc = kube_get(&scope, &kube_lease, self->name, &lease, &err);
	if (rc == 0 && strcmp(text_of(lease, "holderIdentity"), self->identity) == 0)
	{
		cJSON *spec = cJSON_GetObjectItemCaseSensitive(lease, "spec");
		if (set_text(spec, "holderIdentity", "") < 0 ||
			set_number(spec, "leaseDurationSeconds", 1) < 0)
			return;
		rc = kube_replace(&scope, &kube_lease, lease, NULL, &err);
	}
	if (rc < 0)
		ss_log_error(SS_LOG_WARNING, MODULE, "not_released", &err, "lease", self->name, NULL);
	else
		ss_log(SS_LOG_INFO, MODULE, "released", "lease", self->name, NULL);
}

void leader_stop(leader *self)
{
	if (self == NULL)
		return;
	bool held = leader_holds(self);
	if (!held)
		atomic_store(&self->giving_up, true);
	pthread_mutex_lock(&self->lock);
	self->stopping = true;
	pthread_cond_broadcast(&self->changed);
	pthread_mutex_unlock(&self->lock);
	pthread_join(self->thread, NULL);
	/* It may have been won at the last moment. */
	if (leader_holds(self))
	{
		atomic_store(&self->giving_up, false);
		release(self);
	}
	kube_client_close(self->client);
	pthread_mutex_destroy(&self->lock);
	pthread_cond_destroy(&self->changed);
	free(self);
}
