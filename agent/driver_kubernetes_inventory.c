/*
 * The inventory: read from the API server at that moment, not from the cache. Connection thread or
 * an executor.
 *
 * A session's revision is that of its oldest part, so that a command which was interrupted between
 * two objects is sent again; it is 0 when a part is missing, or is not as we wrote it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/driver_kubernetes.h"
#include "common/cleanup.h"
#include "common/json.h"

/* The parts of one session, as the lists show them. */
typedef struct parts
{
	cJSON *resource;
	cJSON *deployment;
	bool service;
} parts;

typedef struct reading
{
	driver_instance *driver;
	kube_map sessions; /* id -> parts */
	driver_inventory *ret;
	const kube_kind *kind;
} reading;

static void free_parts(void *value)
{
	parts *one = value;
	cJSON_Delete(one->resource);
	cJSON_Delete(one->deployment);
	free(one);
}

static int add_session(void *ctx, cJSON *items, cJSON *item, ss_error *err)
{
	reading *read = ctx;
	const char *id = kube_label(item, K8S_LABEL_SESSION);
	if (id == NULL || *id == '\0' || strlen(id) >= K8S_ID_SIZE)
		return 0;
	parts *one = kube_map_get(&read->sessions, id);
	if (one == NULL)
	{
		one = calloc(1, sizeof(*one));
		if (one == NULL || kube_map_put(&read->sessions, id, one, NULL, err) < 0)
		{
			free(one);
			return ss_fail(err, "out_of_memory", "no memory for an inventory");
		}
	}
	if (read->kind == &kube_session)
		one->resource = cJSON_DetachItemViaPointer(items, item);
	else if (read->kind == &kube_deployment)
		one->deployment = cJSON_DetachItemViaPointer(items, item);
	else
		one->service = true;
	return 0;
}

static int add_template(void *ctx, cJSON *items, cJSON *item, ss_error *err)
{
	reading *read = ctx;
	driver_object object = {.kind = "template", .state = "applied"};
	(void)items;
	snprintf(object.id, sizeof(object.id), "%s", kube_name(item));
	snprintf(object.uid, sizeof(object.uid), "%s", kube_uid(item));
	object.revision = k8s_object_has_drifted(item) ? 0 : k8s_object_revision(item);
	return driver_inventory_add(read->ret, &object, err);
}

/* A claim that is called like its session is the home of that number. */
static int add_home(void *ctx, cJSON *items, cJSON *item, ss_error *err)
{
	reading *read = ctx;
	driver_object object = {.kind = "home"};
	const char *id = kube_label(item, K8S_LABEL_HOME);
	const char *session = kube_label(item, K8S_LABEL_SESSION);
	(void)items;
	if (id == NULL && (session == NULL || strncmp(session, "s-", 2) != 0))
		return 0;
	snprintf(object.id, sizeof(object.id), "h-%s", (id != NULL ? id : session) + 2);
	snprintf(object.uid, sizeof(object.uid), "%s", kube_uid(item));
	snprintf(
		object.state, sizeof(object.state), "%s", kube_is_deleting(item) ? "removing" : "kept");
	return strlen(object.id) < 4 ? 0 : driver_inventory_add(read->ret, &object, err);
}

static long long number_at(const cJSON *object, const char *part, const char *key)
{
	long long number = 0;
	return ss_json_int(ss_json_object(object, part), key, &number) == 0 ? number : 0;
}

/* The pods say it first: the counts of a Deployment's status follow later. */
static const char *state_seen(driver_instance *driver, const char *id, const parts *one)
{
	const char *state = NULL;
	pthread_mutex_lock(&driver->lock);
	const k8s_session *session = k8s_cache_find(driver, id);
	if (session != NULL && k8s_cache_is_complete(driver) &&
		k8s_is(session->deployment.uid, kube_uid(one->deployment)) &&
		session->deployment.revision == k8s_object_revision(one->deployment))
	{
		k8s_view view;
		k8s_cache_view(session, &view);
		state = k8s_is(view.state, "hibernating") ? "starting" : view.state;
	}
	pthread_mutex_unlock(&driver->lock);
	return state; /* a constant */
}

static const char *state_of(
	driver_instance *driver, const char *id, const parts *one, const char *desired)
{
	const char *seen = one->deployment == NULL ? NULL : state_seen(driver, id, one);
	if (seen != NULL)
		return seen;
	if (one->deployment == NULL)
		return k8s_is(desired, "stopped") ? "failed" : "terminated";
	if (number_at(one->deployment, "spec", "replicas") == 0)
		return number_at(one->deployment, "status", "replicas") == 0 ? "hibernated" : "starting";
	return number_at(one->deployment, "status", "readyReplicas") > 0 ? "running" : "starting";
}

/* Whether everything that the last command wanted is there. */
static bool is_whole(const parts *one, const char *desired)
{
	if (one->resource == NULL || k8s_object_has_drifted(one->resource))
		return false;
	if (k8s_is(desired, "stopped"))
		return one->deployment == NULL && !one->service;
	if (one->deployment == NULL || !one->service || kube_is_deleting(one->deployment))
		return false;
	bool asleep = number_at(one->deployment, "spec", "replicas") == 0;
	return k8s_is(desired, asleep ? "hibernated" : "running");
}

static int take_session(void *ctx, const char *id, void *value)
{
	reading *read = ctx;
	const parts *one = value;
	const char *desired =
		one->resource == NULL ? NULL : kube_annotation(one->resource, K8S_NOTE_DESIRED);
	driver_object object = {.kind = "session"};
	snprintf(object.id, sizeof(object.id), "%s", id);
	snprintf(object.uid, sizeof(object.uid), "%s",
		kube_uid(one->deployment != NULL ? one->deployment : one->resource));
	snprintf(object.state, sizeof(object.state), "%s", state_of(read->driver, id, one, desired));
	if (is_whole(one, desired))
	{
		object.revision = k8s_object_revision(one->resource);
		if (one->deployment != NULL && k8s_object_revision(one->deployment) < object.revision)
			object.revision = k8s_object_revision(one->deployment);
	}
	ss_error err = SS_ERROR_INIT;
	if (driver_inventory_add(read->ret, &object, &err) < 0)
		read->ret->complete = false;
	return KUBE_MAP_KEEP;
}

/*
 * A session that this process knows, and of which nothing is left: somebody deleted all of it. Said
 * with revision 0, the control plane sends its command again at once.
 */
static int take_vanished(void *ctx, const char *id, void *value)
{
	reading *read = ctx;
	const k8s_session *session = value;
	const char *wanted = k8s_cache_wanted(session);
	driver_object object = {.kind = "session", .state = "terminated"};
	ss_error err = SS_ERROR_INIT;
	if (session->busy || *wanted == '\0' || k8s_is(wanted, "terminated") ||
		kube_map_get(&read->sessions, id) != NULL)
		return KUBE_MAP_KEEP;
	snprintf(object.id, sizeof(object.id), "%s", id);
	if (driver_inventory_add(read->ret, &object, &err) < 0)
		read->ret->complete = false;
	return KUBE_MAP_KEEP;
}

/*
 * An inventory opens each connection, and has no place for endpoints: what was told to the last one
 * may have been lost with it, so everything is told again.
 */
static int tell_again(void *ctx, const char *id, void *value)
{
	k8s_session *session = value;
	(void)id;
	session->told[0] = '\0';
	k8s_cache_mark(ctx, session);
	return KUBE_MAP_KEEP;
}

static int read_kind(reading *read, const kube_kind *kind, ss_error *err)
{
	char selector[K8S_ID_SIZE + sizeof(K8S_LABEL_AGENT)];
	kube_scope scope = k8s_scope(read->driver, 0);
	snprintf(selector, sizeof(selector), "%s=%s", K8S_LABEL_AGENT, read->driver->agent_id);
	read->kind = kind;
	int (*add)(void *, cJSON *, cJSON *, ss_error *) = add_session;
	if (kind == &kube_template)
		add = add_template;
	else if (kind == &kube_claim)
		add = add_home;
	return kube_list(&scope, kind, selector, add, read, NULL, err);
}

int k8s_inventory(driver_instance *driver, driver_inventory *ret, ss_error *err)
{
	reading read = {.driver = driver, .ret = ret};
	ret->complete = true;
	int rc = 0;
	if (read_kind(&read, &kube_session, err) < 0 || read_kind(&read, &kube_deployment, err) < 0 ||
		read_kind(&read, &kube_service, err) < 0 || read_kind(&read, &kube_template, err) < 0 ||
		read_kind(&read, &kube_claim, err) < 0)
		rc = ss_wrap(err, "inventory");
	else
	{
		kube_map_each(&read.sessions, take_session, &read);
		pthread_mutex_lock(&driver->lock);
		kube_map_each(&driver->sessions, take_vanished, &read);
		kube_map_each(&driver->sessions, tell_again, driver);
		pthread_mutex_unlock(&driver->lock);
	}
	kube_map_clear(&read.sessions, free_parts);
	return rc;
}
