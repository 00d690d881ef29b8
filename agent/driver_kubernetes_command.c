/*
 * The operations: each brings a session or a template to what its command says, from whatever is
 * there. Executor threads.
 *
 * Order of a session's objects: the custom resource first (it carries the newest revision, so an
 * interrupted command is seen as older compute), then home, Service and Deployment; the resource
 * goes last when a session ends, so that what is left is still found.
 */
#include <stdio.h>
#include <string.h>

#include "agent/driver_kubernetes.h"
#include "common/cleanup.h"
#include "common/fault.h"
#include "common/json.h"
#include "common/timeutil.h"

#define WAIT_SLICE_MS 500
#define PATIENCE_MS 600000 /* of a command without deadline */
#define LATE_MS 60000      /* what may be done late gets at least so long */
#define TROUBLE_MS 5000    /* a start that shows a reason for so long waits no more */
#define CONFLICT_TRIES 3   /* of a command whose objects vanish while it writes them */

kube_scope k8s_scope(driver_instance *driver, long long deadline_ms)
{
	return (kube_scope){
		.client = driver->client, .name_space = driver->name_space, .deadline_ms = deadline_ms};
}

/* Nobody waits for a late start; everything else is done late rather than never. */
static long long deadline_of(const driver_command *command)
{
	long long now = ss_time_monotonic_ms();
	long long deadline_ms = command->deadline_ms == 0 ? now + PATIENCE_MS : command->deadline_ms;
	bool may_be_late = command->action != DRIVER_START && command->action != DRIVER_WAKE;
	if (may_be_late && deadline_ms < now + LATE_MS)
		deadline_ms = now + LATE_MS;
	return deadline_ms;
}

/* What stands in the cluster under the names of a session. */
typedef struct found
{
	cJSON *resource;
	cJSON *deployment;
	cJSON *service;
	int64_t revision; /* the highest of them */
} found;

static void found_done(found *objects)
{
	cJSON_Delete(objects->resource);
	cJSON_Delete(objects->deployment);
	cJSON_Delete(objects->service);
}

/* 0 also when it is not there; it must be ours when it is. */
static int find_one(const k8s_plan *plan, const kube_scope *scope, const kube_kind *kind,
	cJSON **ret, found *objects, ss_error *err)
{
	int rc = kube_get(scope, kind, plan->id, ret, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (k8s_owner_check(plan->driver, kind, *ret, plan->installation, plan->id, err) < 0)
		return -1;
	int64_t revision = k8s_object_revision(*ret);
	if (revision > objects->revision)
		objects->revision = revision;
	return 0;
}

static int find_objects(const k8s_plan *plan, const kube_scope *scope, found *ret, ss_error *err)
{
	if (find_one(plan, scope, &kube_session, &ret->resource, ret, err) < 0 ||
		find_one(plan, scope, &kube_deployment, &ret->deployment, ret, err) < 0 ||
		find_one(plan, scope, &kube_service, &ret->service, ret, err) < 0)
		return -1;
	return 0;
}

static const char *uid_or_null(const cJSON *object)
{
	return object == NULL ? NULL : kube_uid(object);
}

/* ---- what commands wait for ---- */

typedef enum goal
{
	GOAL_READY,  /* a pod of this revision serves the desktop */
	GOAL_ASLEEP, /* the Deployment of this revision wants no pod, and there is none */
	GOAL_GONE,   /* no Deployment, no pod */
} goal;

static bool has_pods(const k8s_session *session)
{
	for (const k8s_pod *pod = session->pods; pod != NULL; pod = pod->next)
	{
		if (pod->state != K8S_POD_ENDED)
			return true;
	}
	return false;
}

/* With the lock held: 0 reached, 1 not yet, -1 never. */
static int check_goal(
	driver_instance *driver, const k8s_plan *plan, goal which, k8s_view *ret, ss_error *err)
{
	const k8s_session *session = k8s_cache_find(driver, plan->id);
	*ret = (k8s_view){0};
	if (!k8s_cache_is_complete(driver) || session == NULL)
		return 1;
	k8s_cache_view(session, ret);
	if (which == GOAL_GONE)
		return session->deployment.there || has_pods(session);
	/* An older state of the Deployment may still show pods that are about to go. */
	if (!session->deployment.there || session->deployment.revision < plan->revision)
		return 1;
	if (which == GOAL_ASLEEP)
		return session->deployment.replicas != 0 || has_pods(session);
	if (k8s_is(ret->state, "running"))
		return 0;
	if (!k8s_is(ret->state, "failed"))
		return 1;
	return ss_fail(err, ret->reason == NULL ? "pod_failed" : ret->reason, "%s",
		ret->message == NULL ? "the pod cannot start" : ret->message);
}

static void tell_progress(driver_instance *driver, const driver_command *command, const char *phase,
	char last[DRIVER_REASON_SIZE])
{
	if (strcmp(phase, last) == 0)
		return;
	snprintf(last, DRIVER_REASON_SIZE, "%s", phase);
	driver->host.progress(driver->host.ctx, command, last, -1);
}

/*
 * 0: reached. 1, for GOAL_READY only: not yet, and what is missing may take long; what follows is
 * reported by the watches, and the executor is free for others.
 */
static int wait_for(driver_instance *driver, const driver_command *command, const k8s_plan *plan,
	goal which, ss_error *err)
{
	char last[DRIVER_REASON_SIZE] = "";
	long long began = ss_time_monotonic_ms();
	long long patience_ms = driver->host.options->start_timeout * 1000;
	for (;;)
	{
		char phase[DRIVER_REASON_SIZE];
		char message[DRIVER_MESSAGE_SIZE];
		k8s_view view;
		pthread_mutex_lock(&driver->lock);
		int rc = check_goal(driver, plan, which, &view, err);
		if (rc == 1)
		{
			struct timespec until = ss_time_deadline(WAIT_SLICE_MS);
			pthread_cond_timedwait(&driver->changed, &driver->lock, &until);
			rc = check_goal(driver, plan, which, &view, err);
		}
		snprintf(phase, sizeof(phase), "%s",
			view.reason != NULL ? view.reason
								: (which == GOAL_READY ? "starting_pod" : "ending_pod"));
		snprintf(message, sizeof(message), "%s", view.message == NULL ? "" : view.message);
		pthread_mutex_unlock(&driver->lock);
		if (rc <= 0)
			return rc;
		if (driver->host.stopping(driver->host.ctx))
			return ss_fail(err, "stopping", "the agent is about to end");
		long long now = ss_time_monotonic_ms();
		if (which == GOAL_READY && now < plan->deadline_ms &&
			now - began >= (view.reason != NULL ? TROUBLE_MS : patience_ms))
			return 1;
		if (now >= plan->deadline_ms)
			return ss_fail(err, which == GOAL_READY && view.reason != NULL ? phase : "timeout",
				"%s", *message != '\0' ? message : "the deadline of the command has passed");
		tell_progress(driver, command, phase, last);
	}
}

/* ---- running and hibernated ---- */

static int apply_resource(
	const k8s_plan *plan, const kube_scope *scope, const found *objects, ss_error *err)
{
	auto_cjson cJSON *resource = k8s_object_session(plan, uid_or_null(objects->resource), err);
	if (resource == NULL)
		return -1;
	return k8s_object_apply(scope, &kube_session, resource, NULL, err);
}

static int apply_compute(const k8s_plan *plan, const kube_scope *scope, const found *objects,
	int replicas, cJSON **ret_deployment, ss_error *err)
{
	auto_cjson cJSON *service = k8s_object_service(plan, uid_or_null(objects->service), err);
	auto_cjson cJSON *deployment =
		k8s_object_deployment(plan, uid_or_null(objects->deployment), replicas, err);
	if (service == NULL || deployment == NULL)
		return -1;
	if (kube_apply(scope, &kube_service, NULL, service, NULL, err) < 0)
		return -1;
	ss_fault("effect-middle");
	return kube_apply(scope, &kube_deployment, NULL, deployment, ret_deployment, err);
}

static int check_image(const k8s_plan *plan, ss_error *err)
{
	const char *image = ss_json_string(plan->spec, "baseImage");
	if (image == NULL || *image == '\0')
		return ss_fail(err, "no_image", "the template names no baseImage");
	return 0;
}

static int bring_up(const k8s_plan *wanted, const driver_command *command, found *objects,
	driver_result *ret, ss_error *err)
{
	k8s_plan with_claim = *wanted;
	const k8s_plan *plan = &with_claim;
	kube_scope scope = k8s_scope(plan->driver, plan->deadline_ms);
	bool running = k8s_is(plan->desired, "running");
	auto_cjson cJSON *deployment = NULL;
	/* One that is on its way out takes its name with it. */
	if (objects->deployment != NULL && kube_is_deleting(objects->deployment))
	{
		if (wait_for(plan->driver, command, plan, GOAL_GONE, err) < 0)
			return -1;
		cJSON_Delete(objects->deployment);
		objects->deployment = NULL;
	}
	if (check_image(plan, err) < 0 ||
		(running && k8s_policy_check(&plan->driver->policy, plan->spec, err) < 0) ||
		apply_resource(plan, &scope, objects, err) < 0 ||
		k8s_home_ensure(&with_claim, &scope, err) < 0 || /* before the pod */
		apply_compute(plan, &scope, objects, running ? 1 : 0, &deployment, err) < 0)
		return -1;
	int rc = wait_for(plan->driver, command, plan, running ? GOAL_READY : GOAL_ASLEEP, err);
	if (rc < 0)
		return -1;
	snprintf(ret->state, sizeof(ret->state), "%s",
		rc == 1 ? "starting" : (running ? "running" : "hibernated"));
	snprintf(ret->uid, sizeof(ret->uid), "%s", kube_uid(deployment));
	ret->revision = plan->revision;
	return 0;
}

/* ---- stopped and terminated ---- */

/* A Deployment is gone only after its pods are (Foreground). */
static int delete_one(
	const kube_scope *scope, const kube_kind *kind, const cJSON *object, ss_error *err)
{
	const char *propagation = kind == &kube_deployment ? "Foreground" : "Background";
	if (object == NULL)
		return 0;
	int rc = kube_delete(scope, kind, kube_name(object), kube_uid(object), propagation, err);
	return rc < 0 ? -1 : 0;
}

/* Only when the control plane says so by name; a home with an id of its own is never its session's.
 */
static int delete_home(const k8s_plan *plan, const kube_scope *scope, ss_error *err)
{
	char name[K8S_NAME_SIZE];
	bool wanted = false;
	auto_cjson cJSON *claim = NULL;
	if (*plan->home != '\0' || ss_json_bool(plan->payload, "deletePVC", &wanted) != 0 || !wanted)
		return 0;
	k8s_object_claim_name(plan->id, name);
	int rc = kube_get(scope, &kube_claim, name, &claim, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (k8s_owner_check(plan->driver, &kube_claim, claim, plan->installation, plan->id, err) < 0)
		return -1;
	return delete_one(scope, &kube_claim, claim, err);
}

static int take_down(const k8s_plan *plan, const driver_command *command, const found *objects,
	driver_result *ret, ss_error *err)
{
	kube_scope scope = k8s_scope(plan->driver, plan->deadline_ms);
	bool terminated = k8s_is(plan->desired, "terminated");
	/*
	 * A terminated session whose resource is gone gets none again, and one that the control plane
	 * does not know (an orphan) comes without the data for it.
	 */
	bool known = ss_json_string(plan->payload, "user") != NULL;
	if ((!terminated || (objects->resource != NULL && known)) &&
		apply_resource(plan, &scope, objects, err) < 0)
		return -1;
	if (delete_one(&scope, &kube_service, objects->service, err) < 0)
		return -1;
	ss_fault("effect-middle");
	if (delete_one(&scope, &kube_deployment, objects->deployment, err) < 0 ||
		wait_for(plan->driver, command, plan, GOAL_GONE, err) < 0)
		return -1;
	if (terminated && (delete_home(plan, &scope, err) < 0 ||
						  delete_one(&scope, &kube_session, objects->resource, err) < 0))
		return -1;
	snprintf(ret->state, sizeof(ret->state), "%s", terminated ? "terminated" : "failed");
	ret->revision = plan->revision;
	return 0;
}

/* ---- a session ---- */

static bool is_session_id(const char *id)
{
	size_t len = strlen(id);
	return len > 0 && len < K8S_ID_SIZE && id[0] >= 'a' && id[0] <= 'z' && id[len - 1] != '-' &&
		   strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* What the command wants; a 2.0 control plane says it by the action alone. */
static const char *desired_of(const driver_command *command)
{
	static const char *const known[] = {"running", "hibernated", "stopped", "terminated"};
	const char *named = ss_json_string(command->payload, "desiredState");
	for (size_t i = 0; named != NULL && i < sizeof(known) / sizeof(*known); i++)
	{
		if (strcmp(named, known[i]) == 0)
			return known[i];
	}
	switch (command->action)
	{
	case DRIVER_START:
	case DRIVER_WAKE:
		return "running";
	case DRIVER_HIBERNATE:
		return "hibernated";
	case DRIVER_STOP:
	case DRIVER_APPLY:
	case DRIVER_REMOVE:
		break;
	}
	return "terminated";
}

/* A newer command has been here: answer with what there is. */
static void report_present(const k8s_plan *plan, const found *objects, driver_result *ret)
{
	k8s_view view = {0};
	driver_instance *driver = plan->driver;
	pthread_mutex_lock(&driver->lock);
	const k8s_session *session = k8s_cache_find(driver, plan->id);
	if (session != NULL)
		k8s_cache_view(session, &view);
	const char *state = view.state;
	if (state == NULL || k8s_is(state, "hibernating"))
		state = state == NULL ? "terminated" : "running";
	snprintf(ret->state, sizeof(ret->state), "%s", state);
	pthread_mutex_unlock(&driver->lock);
	snprintf(ret->uid, sizeof(ret->uid), "%s",
		objects->deployment == NULL ? "" : kube_uid(objects->deployment));
	ret->revision = objects->revision;
}

static int run_once(
	const k8s_plan *plan, const driver_command *command, driver_result *ret, ss_error *err)
{
	kube_scope scope = k8s_scope(plan->driver, plan->deadline_ms);
	found objects = {0};
	int rc = find_objects(plan, &scope, &objects, err);
	if (rc == 0 && objects.revision > plan->revision)
		report_present(plan, &objects, ret);
	else if (rc == 0 && (k8s_is(plan->desired, "running") || k8s_is(plan->desired, "hibernated")))
		rc = bring_up(plan, command, &objects, ret, err);
	else if (rc == 0)
		rc = take_down(plan, command, &objects, ret, err);
	found_done(&objects);
	return rc;
}

/*
 * An object that goes away between our look and our write (somebody deletes it, or the garbage
 * collector does) is a conflict, as it was named by its uid: look again, at the owner as well.
 */
static int run_session(
	k8s_plan *plan, const driver_command *command, driver_result *ret, ss_error *err)
{
	for (int attempt = 1;; attempt++)
	{
		int rc = run_once(plan, command, ret, err);
		if (rc >= 0 || attempt == CONFLICT_TRIES || !k8s_is(err->code, "kube_conflict"))
			return rc;
		*err = (ss_error)SS_ERROR_INIT;
		if (k8s_owner_find(plan->driver, command, plan->deadline_ms, plan->installation,
				plan->owner_uid, err) < 0)
			return -1;
	}
}

int k8s_command_session(
	driver_instance *driver, const driver_command *command, driver_result *ret, ss_error *err)
{
	k8s_plan plan = {.driver = driver,
		.payload = command->payload,
		.spec = ss_json_object(ss_json_object(command->payload, "templateManifest"), "spec"),
		.desired = desired_of(command),
		.revision = command->revision,
		.deadline_ms = deadline_of(command)};
	if (!is_session_id(command->object_id))
		return ss_fail(err, "invalid_name", "a session id that cannot name objects");
	snprintf(plan.id, sizeof(plan.id), "%s", command->object_id);
	const char *home = ss_json_string(ss_json_object(command->payload, "home"), "id");
	if (home != NULL && !k8s_home_is_id(home))
		return ss_fail(err, "invalid_name", "a home id that cannot name objects");
	snprintf(plan.home, sizeof(plan.home), "%s", home == NULL ? "" : home);
	plan.port = k8s_object_port(plan.spec);
	if (k8s_owner_find(driver, command, plan.deadline_ms, plan.installation, plan.owner_uid, err) <
			0 ||
		k8s_cache_begin(driver, plan.id, plan.desired, err) < 0)
		return -1;
	int rc = run_session(&plan, command, ret, err);
	k8s_cache_end(driver, plan.id, rc == 0);
	return rc;
}

/* ---- templates ---- */

/* 0 and *ret_plan; the resource, if there is one, is ours. */
static int plan_template(driver_instance *driver, const driver_command *command, k8s_plan *ret_plan,
	cJSON **ret, ss_error *err)
{
	*ret_plan = (k8s_plan){.driver = driver,
		.payload = command->payload,
		.spec = ss_json_object(command->payload, "spec"),
		.revision = command->revision,
		.deadline_ms = deadline_of(command)};
	if (k8s_owner_find(driver, command, ret_plan->deadline_ms, ret_plan->installation,
			ret_plan->owner_uid, err) < 0)
		return -1;
	kube_scope scope = k8s_scope(driver, ret_plan->deadline_ms);
	int rc = kube_get(&scope, &kube_template, command->object_id, ret, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return k8s_owner_check(driver, &kube_template, *ret, ret_plan->installation, NULL, err);
}

int k8s_command_apply(
	driver_instance *driver, const driver_command *command, driver_result *ret, ss_error *err)
{
	k8s_plan plan;
	auto_cjson cJSON *have = NULL;
	auto_cjson cJSON *now = NULL;
	if (strcmp(command->object_kind, "template") != 0)
		return ss_fail(err, "unsupported_kind", "no projections of kind %s", command->object_kind);
	if (plan_template(driver, command, &plan, &have, err) < 0)
		return -1;
	snprintf(ret->state, sizeof(ret->state), "applied");
	ret->revision = plan.revision;
	if (have != NULL && k8s_object_revision(have) > plan.revision)
	{
		ret->revision = k8s_object_revision(have);
		snprintf(ret->uid, sizeof(ret->uid), "%s", kube_uid(have));
		return 0;
	}
	if (plan.spec == NULL)
		return ss_fail(err, "invalid_command", "a template without spec");
	kube_scope scope = k8s_scope(driver, plan.deadline_ms);
	auto_cjson cJSON *document =
		k8s_object_template(&plan, command->object_id, uid_or_null(have), err);
	if (document == NULL || k8s_object_apply(&scope, &kube_template, document, &now, err) < 0)
		return -1;
	snprintf(ret->uid, sizeof(ret->uid), "%s", kube_uid(now));
	return k8s_status_template(&scope, now, err);
}

static int remove_home(
	driver_instance *driver, const driver_command *command, driver_result *ret, ss_error *err)
{
	k8s_plan plan = {.driver = driver,
		.payload = command->payload,
		.revision = command->revision,
		.deadline_ms = deadline_of(command)};
	if (k8s_owner_find(driver, command, plan.deadline_ms, plan.installation, plan.owner_uid, err) <
			0 ||
		k8s_home_remove(&plan, command->object_id, err) < 0)
		return -1;
	snprintf(ret->state, sizeof(ret->state), "removed");
	ret->revision = plan.revision;
	return 0;
}

int k8s_command_remove(
	driver_instance *driver, const driver_command *command, driver_result *ret, ss_error *err)
{
	k8s_plan plan;
	auto_cjson cJSON *have = NULL;
	if (strcmp(command->object_kind, "home") == 0)
		return remove_home(driver, command, ret, err);
	if (strcmp(command->object_kind, "template") != 0)
		return ss_fail(err, "unsupported_kind", "no projections of kind %s", command->object_kind);
	if (plan_template(driver, command, &plan, &have, err) < 0)
		return -1;
	kube_scope scope = k8s_scope(driver, plan.deadline_ms);
	if (delete_one(&scope, &kube_template, have, err) < 0)
		return -1;
	snprintf(ret->state, sizeof(ret->state), "removed");
	ret->revision = plan.revision;
	return 0;
}
