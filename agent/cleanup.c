/* One run of the cleanup: what is read in which order, and what is done with it. */
#include "agent/cleanup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/kube_client.h"
#include "common/exit.h"
#include "common/log.h"
#include "common/timeutil.h"

#define SKEW_MS (5LL * 60 * 1000) /* clocks that differ by more are told about */

typedef struct run
{
	const agent_options *options;
	const cleanup_flags *flags;
	kube_scope scope;
	char id[CLEANUP_RUN_SIZE];
	long long now_ms;
	cleanup_cluster cluster;
	cleanup_set set;
	cleanup_plan plan;
	size_t deleted;
	size_t marked;
	size_t skipped; /* changed or gone meanwhile */
	size_t failed;
} run;

static int open_client(const agent_options *options, kube_client **ret, ss_error *err)
{
	kube_config config = {0};
	kube_client_options limits = KUBE_CLIENT_DEFAULTS;
	limits.rate = options->kube_rate;
	limits.burst = options->kube_burst;
	if (kube_config_load(options->kubeconfig, &config, err) < 0)
		return -1;
	int rc = kube_client_open(&config, &limits, ret, err);
	kube_config_done(&config);
	return rc;
}

/*
 * The earliest of three clocks: a clock that is ahead makes nothing older, and the API server
 * wrote the times that they are compared with.
 */
static int read_clocks(run *self, ss_error *err)
{
	long long wall = ss_time_wall_ms();
	long long offset = 0;
	if (!kube_client_clock(self->scope.client, &offset))
		return ss_fail(err, "kube_answer_invalid", "the API server tells no time");
	long long clocks[] = {wall, wall + offset, self->set.read_ms};
	long long latest = wall;
	self->now_ms = wall;
	for (size_t i = 0; i < sizeof(clocks) / sizeof(*clocks); i++)
	{
		if (clocks[i] < self->now_ms)
			self->now_ms = clocks[i];
		if (clocks[i] > latest)
			latest = clocks[i];
	}
	if (latest - self->now_ms > SKEW_MS)
		ss_log(SS_LOG_WARNING, CLEANUP_MODULE, "clocks_differ", "seconds",
			SS_NUM((latest - self->now_ms) / 1000), "api_server", SS_NUM(offset / 1000), "database",
			SS_NUM((self->set.read_ms - wall) / 1000), NULL);
	return 0;
}

/* The cluster first: what is made after it was read is in neither, or in the database alone. */
static int read_all(run *self, ss_error *err)
{
	if (cleanup_cluster_read(&self->scope, self->options->agent_id, &self->cluster, err) < 0 ||
		cleanup_set_read(self->options, &self->set, err) < 0)
		return -1;
	return read_clocks(self, err);
}

static void report(const run *self, const cleanup_object *object, const char *result)
{
	long long age = object->created_ms < 0 ? -1 : (self->now_ms - object->created_ms) / 1000;
	ss_log(SS_LOG_INFO, CLEANUP_MODULE, "object", "kind", object->kind->kind, "name", object->name,
		"uid", object->uid, "verdict", cleanup_verdict_name(object->verdict), "why", object->why,
		"age", SS_NUM(age), "result", result, NULL);
}

/* What came of one request; 1 means that the object is not what was read. */
static const char *settle(
	run *self, const cleanup_object *object, int rc, size_t *sum, const char *done, ss_error *err)
{
	if (rc < 0)
	{
		self->failed++;
		ss_log_error(SS_LOG_ERROR, CLEANUP_MODULE, "object_failed", err, "kind", object->kind->kind,
			"name", object->name, NULL);
		return "failed";
	}
	*(rc == 0 ? sum : &self->skipped) += 1;
	return rc == 0 ? done : "changed_meanwhile";
}

static const char *carry_out(run *self, const cleanup_object *object)
{
	ss_error err = SS_ERROR_INIT;
	if (object->verdict == CLEANUP_DELETE)
	{
		int rc = kube_delete_exact(&self->scope, object->kind, object->name, object->uid,
			object->resource_version, "Background", &err);
		return settle(self, object, rc, &self->deleted, "deleted", &err);
	}
	if (object->verdict == CLEANUP_MARK)
	{
		cleanup_mark mark = {.there = true,
			.at_ms = self->now_ms,
			.generation = self->set.generation,
			.epoch = self->set.epoch};
		memcpy(mark.run, self->id, sizeof(mark.run));
		memcpy(mark.content, object->content, sizeof(mark.content));
		int rc = cleanup_mark_write(&self->scope, object, &mark, &err);
		return settle(self, object, rc, &self->marked, "marked", &err);
	}
	if (object->verdict == CLEANUP_KNOWN && object->mark.there)
	{
		size_t unmarked = 0;
		int rc = cleanup_mark_write(&self->scope, object, NULL, &err);
		return settle(self, object, rc, &unmarked, "unmarked", &err);
	}
	return "kept";
}

static void report_sum(const run *self, const char *result)
{
	ss_log(SS_LOG_INFO, CLEANUP_MODULE, "summary", "result", result, "run", self->id, "objects",
		SS_NUM(self->cluster.count), "foreign", SS_NUM(self->cluster.foreign), "known",
		SS_NUM(self->plan.known), "young", SS_NUM(self->plan.young), "to_mark",
		SS_NUM(self->plan.marks), "waiting", SS_NUM(self->plan.waiting), "to_delete",
		SS_NUM(self->plan.deletions), "allowed", SS_NUM(self->plan.limit), "marked",
		SS_NUM(self->marked), "deleted", SS_NUM(self->deleted), "skipped", SS_NUM(self->skipped),
		"failed", SS_NUM(self->failed), NULL);
}

static int work(run *self)
{
	ss_error err = SS_ERROR_INIT;
	if (read_all(self, &err) < 0)
	{
		ss_log_error(SS_LOG_ERROR, CLEANUP_MODULE, "not_read", &err, NULL);
		return SS_EXIT_FAILURE;
	}
	bool refused = cleanup_judge(&self->cluster, &self->set, self->now_ms, self->flags->force,
					   &self->plan, &err) < 0;
	bool idle = refused || self->flags->dry_run;
	for (const cleanup_object *one = self->cluster.objects; one != NULL; one = one->next)
		report(self, one, idle ? "kept" : carry_out(self, one));
	if (refused)
		ss_log_error(SS_LOG_ERROR, CLEANUP_MODULE, "refused", &err, NULL);
	report_sum(self, refused ? "refused" : self->flags->dry_run ? "dry_run" : "done");
	if (refused)
		return SS_EXIT_REFUSED;
	return self->failed > 0 ? SS_EXIT_FAILURE : SS_EXIT_OK;
}

static int check(const agent_options *options, const cleanup_flags *flags, ss_error *err)
{
	if (strcmp(options->platform, "kubernetes") != 0)
		return ss_fail(err, "invalid_option", "cleanup is for platform kubernetes");
	if (options->credential_file == NULL || *options->credential_file == '\0')
		return ss_fail(err, "invalid_option", "cleanup needs credential_file");
	/* A schedule has no terminal: who forces is there and looks. */
	if (flags->force && !isatty(STDIN_FILENO))
		return ss_fail(err, "invalid_option", "--force is given by hand, at a terminal");
	return 0;
}

int cleanup_run(const agent_options *options, const cleanup_flags *flags)
{
	ss_error err = SS_ERROR_INIT;
	run self = {.options = options, .flags = flags};
	char token[SS_HEX_SIZE];
	int code = SS_EXIT_FAILURE;
	if (check(options, flags, &err) < 0)
		code = SS_EXIT_USAGE;
	else if (open_client(options, &self.scope.client, &err) == 0 &&
			 ss_random_token(token, &err) == 0)
	{
		self.scope.name_space = options->namespace;
		snprintf(self.id, sizeof(self.id), "%.16s", token);
		code = work(&self);
	}
	if (*err.code != '\0')
		ss_log_error(SS_LOG_ERROR, CLEANUP_MODULE, "not_started", &err, NULL);
	cleanup_set_done(&self.set);
	cleanup_cluster_done(&self.cluster);
	kube_client_close(self.scope.client);
	return code;
}
