/*
 * Reports: what changed goes to the control plane as `observed` and into the status of the
 * resources, through the subresource and only when it differs. The reporter's thread; the status
 * of a template is written by the executor that applied it.
 */
#include <stdio.h>
#include <string.h>

#include "agent/driver_kubernetes.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "common/timeutil.h"

#define MODULE "kubernetes"
#define RETRY_MS 1000
#define ASK_AGAIN_MS 5000
#define ASK_AGAIN_MAX_MS 300000

/* One condition as we want it. */
typedef struct condition
{
	const char *type;
	bool holds;
	const char *reason;
	const char *message;
} condition;

#define CONDITIONS_MAX 5

/* A status as we want it. */
typedef struct wanted_status
{
	const char *phase;
	const char *pod; /* NULL: none */
	int count;
	condition conditions[CONDITIONS_MAX];
} wanted_status;

static void add_condition(
	wanted_status *status, const char *type, bool holds, const char *reason, const char *message)
{
	status->conditions[status->count++] =
		(condition){type, holds, reason, message == NULL ? "" : message};
}

/* Reasons of resources are words; what is none is not worth losing the status for. */
static const char *word(const char *reason, const char *otherwise)
{
	if (reason == NULL || *reason == '\0')
		return otherwise;
	size_t len = strlen(reason);
	bool letter = (*reason >= 'A' && *reason <= 'Z') || (*reason >= 'a' && *reason <= 'z');
	bool fits =
		len <= 64 &&
		strspn(reason, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == len;
	return letter && fits && reason[len - 1] != '_' ? reason : otherwise;
}

static const char *phase_of(const k8s_session *session, const k8s_view *view)
{
	const char *desired = session->resource.desired;
	if (k8s_is(desired, "terminated"))
		return "Terminating";
	if (k8s_is(desired, "stopped") || k8s_is(view->state, "failed"))
		return "Failed";
	if (k8s_is(desired, "hibernated"))
		return k8s_is(view->state, "hibernated") ? "Hibernated" : "Hibernating";
	if (k8s_is(view->state, "running"))
		return "Running";
	return k8s_is(session->resource.state, "waking") ? "Waking" : "Starting";
}

static void plan_status(
	const k8s_session *session, const k8s_view *view, k8s_network network, wanted_status *ret)
{
	const char *desired = session->resource.desired;
	bool provisioned = session->deployment.there && !session->deployment.deleting;
	*ret = (wanted_status){.phase = phase_of(session, view)};
	bool running = k8s_is(ret->phase, "Running");
	if (running && view->pod != NULL)
		ret->pod = view->pod->name;
	if (k8s_is(desired, "stopped"))
		add_condition(ret, "Ready", false, word(session->resource.reason, "Stopped"),
			session->resource.message);
	else if (k8s_is(desired, "terminated") || k8s_is(desired, "hibernated"))
		add_condition(ret, "Ready", false, ret->phase, NULL);
	else if (running)
		add_condition(ret, "Ready", true, "DesktopReady", NULL);
	else
		add_condition(ret, "Ready", false,
			word(view->reason, view->pod == NULL ? "NoPod" : "PodStarting"), view->message);
	add_condition(ret, "Provisioned", provisioned,
		provisioned ? "ObjectsApplied" : (k8s_is(desired, "running") ? "NotApplied" : "NoCompute"),
		NULL);
	bool asleep = k8s_is(view->state, "hibernated") && k8s_is(desired, "hibernated");
	add_condition(ret, "Hibernated", asleep, asleep ? "NoCompute" : "Active", NULL);
	add_condition(ret, "DriftDetected", session->resource.drifted,
		session->resource.drifted ? "SpecChanged" : "AsWritten", NULL);
	if (network != K8S_NETWORK_UNKNOWN)
		add_condition(ret, "NetworkOpen", network == K8S_NETWORK_OPEN,
			network == K8S_NETWORK_OPEN ? "PortReachable" : "PortUnreachable",
			network == K8S_NETWORK_OPEN ? "a pod that no policy lets through reached a desktop"
										: NULL);
}

static const cJSON *find_condition(const cJSON *status, const char *type)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, ss_json_array(status, "conditions"))
	{
		if (k8s_is(ss_json_string(item, "type"), type))
			return item;
	}
	return NULL;
}

static bool text_is(const cJSON *object, const char *key, const char *want)
{
	const char *have = ss_json_string(object, key);
	return want == NULL ? have == NULL || *have == '\0' : k8s_is(have, want);
}

static bool is_as_wanted(const wanted_status *wanted, const cJSON *have, int64_t generation)
{
	if (!text_is(have, "phase", wanted->phase) || !text_is(have, "podName", wanted->pod))
		return false;
	for (int i = 0; i < wanted->count; i++)
	{
		const condition *want = &wanted->conditions[i];
		const cJSON *item = find_condition(have, want->type);
		long long seen = -1;
		if (item == NULL || !text_is(item, "status", want->holds ? "True" : "False") ||
			!text_is(item, "reason", want->reason) ||
			ss_json_int(item, "observedGeneration", &seen) != 0 || seen != generation)
			return false;
		const char *message = ss_json_string(item, "message");
		if (strcmp(message == NULL ? "" : message, want->message) != 0)
			return false;
	}
	return true;
}

/* The time of a condition is that of its last change of status. */
static cJSON *status_document(const wanted_status *wanted, const cJSON *have, const char *name,
	const char *uid, int64_t generation)
{
	char now[SS_TIME_SIZE];
	cJSON *root = cJSON_CreateObject();
	cJSON *meta = cJSON_AddObjectToObject(root, "metadata");
	cJSON *status = cJSON_AddObjectToObject(root, "status");
	bool good = cJSON_AddStringToObject(meta, "name", name) != NULL &&
				cJSON_AddStringToObject(meta, "uid", uid) != NULL &&
				cJSON_AddStringToObject(status, "phase", wanted->phase) != NULL;
	if (wanted->pod != NULL)
		good &= cJSON_AddStringToObject(status, "podName", wanted->pod) != NULL;
	cJSON *list = cJSON_AddArrayToObject(status, "conditions");
	ss_time_now(now);
	for (int i = 0; i < wanted->count; i++)
	{
		const condition *want = &wanted->conditions[i];
		const cJSON *old = find_condition(have, want->type);
		const char *state = want->holds ? "True" : "False";
		const char *since = ss_json_string(old, "lastTransitionTime");
		if (since == NULL || !text_is(old, "status", state))
			since = now;
		cJSON *item = cJSON_CreateObject();
		good &= cJSON_AddItemToArray(list, item) &&
				cJSON_AddStringToObject(item, "type", want->type) != NULL &&
				cJSON_AddStringToObject(item, "status", state) != NULL &&
				cJSON_AddStringToObject(item, "reason", want->reason) != NULL &&
				cJSON_AddStringToObject(item, "message", want->message) != NULL &&
				cJSON_AddStringToObject(item, "lastTransitionTime", since) != NULL &&
				cJSON_AddNumberToObject(item, "observedGeneration", (double)generation) != NULL;
	}
	if (good)
		return root;
	cJSON_Delete(root);
	return NULL;
}

/* ---- templates ---- */

int k8s_status_template(const kube_scope *scope, const cJSON *object, ss_error *err)
{
	const cJSON *have = ss_json_object(object, "status");
	const char *image = ss_json_string(ss_json_object(object, "spec"), "baseImage");
	bool valid = image != NULL && *image != '\0';
	const char *message = valid ? "" : "it names no baseImage, so no pod can be made from it";
	wanted_status wanted = {.phase = valid ? "Ready" : "Invalid"};
	add_condition(&wanted, "Ready", valid, valid ? "Accepted" : "NoImage", message);
	if (is_as_wanted(&wanted, have, kube_generation(object)))
		return 0;
	auto_cjson cJSON *document = status_document(
		&wanted, have, kube_name(object), kube_uid(object), kube_generation(object));
	cJSON *status = cJSON_GetObjectItemCaseSensitive(document, "status");
	if (document == NULL || cJSON_AddBoolToObject(status, "valid", valid) == NULL ||
		cJSON_AddStringToObject(status, "message", message) == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a status");
	return kube_apply(scope, &kube_template, "status", document, NULL, err);
}

/* ---- sessions ---- */

/* What is to be done for one session, copied from the cache. */
typedef struct task
{
	char id[K8S_ID_SIZE];
	bool resync;
	bool tell;
	char state[DRIVER_STATE_SIZE];
	char reason[DRIVER_REASON_SIZE];
	char message[DRIVER_MESSAGE_SIZE];
	char endpoint[160];
	int64_t revision;
	cJSON *document; /* the status to write, or NULL */
} task;

/*
 * Something that should be there is not, or is not as written. What a command took away, or takes
 * away at this moment, is not lost.
 */
static bool is_lost(const k8s_session *session)
{
	const char *wanted = k8s_cache_wanted(session);
	bool compute = session->deployment.there && !session->deployment.deleting;
	if (session->busy || k8s_is(wanted, "terminated") || *wanted == '\0')
		return false;
	if (!session->resource.there || session->resource.drifted)
		return true;
	if (k8s_is(wanted, "stopped") || !k8s_is(wanted, session->resource.desired))
		return false;
	if (!compute)
		return true;
	return session->deployment.revision == session->resource.revision &&
		   (session->deployment.replicas == 0) != k8s_is(wanted, "hibernated");
}

static void plan_report(k8s_session *session, const k8s_view *view, task *ret)
{
	char told[sizeof(session->told)];
	if (view->state == NULL || k8s_is(view->state, "hibernating"))
		return;
	snprintf(ret->state, sizeof(ret->state), "%s", view->state);
	snprintf(ret->reason, sizeof(ret->reason), "%s", view->reason == NULL ? "" : view->reason);
	snprintf(ret->message, sizeof(ret->message), "%s", view->message == NULL ? "" : view->message);
	if (k8s_is(view->state, "running"))
	{
		bool v6 = strchr(view->pod->ip, ':') != NULL;
		snprintf(ret->endpoint, sizeof(ret->endpoint), "tcp:%s%s%s:%d", v6 ? "[" : "",
			view->pod->ip, v6 ? "]" : "", session->deployment.port);
	}
	ret->revision = view->revision;
	snprintf(told, sizeof(told), "%s %s %s %lld", ret->state, ret->reason, ret->endpoint,
		(long long)ret->revision);
	ret->tell = strcmp(told, session->told) != 0;
	memcpy(session->told, told, sizeof(told));
}

/*
 * An answer to the question may be no command: the control plane may have believed that one was
 * under way. Therefore it is asked again, less and less often.
 */
static bool must_ask(k8s_session *session)
{
	long long now = ss_time_monotonic_ms();
	if (!is_lost(session))
	{
		session->ask_again_ms = 0;
		return false;
	}
	if (session->ask_again_ms != 0 && now < session->ask_again_ms)
		return false;
	long long wait_ms = session->ask_again_ms == 0 ? 0 : session->ask_again_ms - session->asked_ms;
	wait_ms = wait_ms == 0 ? ASK_AGAIN_MS : wait_ms * 2;
	session->asked_ms = now;
	session->ask_again_ms = now + (wait_ms > ASK_AGAIN_MAX_MS ? ASK_AGAIN_MAX_MS : wait_ms);
	return true;
}

static int mark_lost(void *ctx, const char *id, void *value)
{
	k8s_session *session = value;
	(void)id;
	if (session->ask_again_ms != 0)
		k8s_cache_mark(ctx, session);
	return KUBE_MAP_KEEP;
}

static void look_for_lost(driver_instance *driver)
{
	long long now = ss_time_monotonic_ms();
	if (now < driver->look_ms)
		return;
	driver->look_ms = now + ASK_AGAIN_MS;
	kube_map_each(&driver->sessions, mark_lost, driver);
}

/* Takes the next session from the queue; false when the driver closes. With the lock held. */
static bool next_task(driver_instance *driver, task *ret)
{
	for (;;)
	{
		while (!driver->closing && (driver->dirty == NULL || !k8s_cache_is_complete(driver)))
		{
			struct timespec until = ss_time_deadline(ASK_AGAIN_MS);
			look_for_lost(driver);
			if (driver->dirty == NULL || !k8s_cache_is_complete(driver))
				pthread_cond_timedwait(&driver->changed, &driver->lock, &until);
		}
		if (driver->closing)
			return false;
		k8s_session *session = driver->dirty;
		driver->dirty = session->next_dirty;
		if (driver->dirty == NULL)
			driver->dirty_end = &driver->dirty;
		session->dirty = false;
		k8s_view view;
		k8s_cache_view(session, &view);
		*ret = (task){0};
		snprintf(ret->id, sizeof(ret->id), "%s", session->id);
		plan_report(session, &view, ret);
		ret->resync = must_ask(session);
		if (session->resource.there)
		{
			wanted_status wanted;
			plan_status(session, &view, driver->network, &wanted);
			if (!is_as_wanted(&wanted, session->resource.status, session->resource.generation))
				ret->document = status_document(&wanted, session->resource.status, session->id,
					session->resource.uid, session->resource.generation);
		}
		if (ret->resync || ret->tell || ret->document != NULL)
			return true;
		k8s_cache_forget(driver, session);
	}
}

static bool is_worth_retrying(const ss_error *err)
{
	return k8s_is(err->code, "kube_unreachable") || k8s_is(err->code, "kube_busy") ||
		   k8s_is(err->code, "kube_error");
}

static void write_status(driver_instance *driver, task *one)
{
	ss_error err = SS_ERROR_INIT;
	kube_scope scope = k8s_scope(driver, 0);
	int rc = kube_apply(&scope, &kube_session, "status", one->document, NULL, &err);
	cJSON_Delete(one->document);
	/* A resource that is gone has no status; its deletion is an event of its own. */
	if (rc == 0 || k8s_is(err.code, "kube_conflict") || k8s_is(err.code, "kube_not_found") ||
		k8s_is(err.code, "stopping"))
		return;
	ss_log_error(SS_LOG_WARNING, MODULE, "status_not_written", &err, "session", one->id, NULL);
	if (!is_worth_retrying(&err) || kube_client_pause(driver->client, RETRY_MS) < 0)
		return;
	pthread_mutex_lock(&driver->lock);
	k8s_session *session = k8s_cache_find(driver, one->id);
	if (session != NULL)
		k8s_cache_mark(driver, session);
	pthread_mutex_unlock(&driver->lock);
}

void *k8s_status_run(void *arg)
{
	driver_instance *driver = arg;
	task one;
	for (;;)
	{
		pthread_mutex_lock(&driver->lock);
		bool more = next_task(driver, &one);
		pthread_mutex_unlock(&driver->lock);
		if (!more)
			return NULL;
		if (one.tell)
		{
			driver_observed observed = {
				.session_id = one.id,
				.revision = one.revision,
				.state = one.state,
				.reason = *one.reason == '\0' ? NULL : one.reason,
				.message = *one.message == '\0' ? NULL : one.message,
				.endpoint = *one.endpoint == '\0' ? NULL : one.endpoint,
			};
			driver->host.observed(driver->host.ctx, &observed);
		}
		if (one.resync)
			driver->host.resync(driver->host.ctx);
		if (one.document != NULL)
			write_status(driver, &one);
	}
}
