/*
 * What the watches saw, by session. The watches' threads write, executors and the reporter read,
 * all under the driver's lock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/driver_kubernetes.h"
#include "common/json.h"

static void free_pods(k8s_pod *pod)
{
	while (pod != NULL)
	{
		k8s_pod *next = pod->next;
		free(pod);
		pod = next;
	}
}

static void free_session(void *value)
{
	k8s_session *session = value;
	free_pods(session->pods);
	cJSON_Delete(session->resource.status);
	free(session);
}

static void free_object(void *value)
{
	cJSON_Delete(value);
}

void k8s_cache_init(driver_instance *driver)
{
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&driver->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&driver->lock, NULL);
	pthread_mutex_init(&driver->owner_lock, NULL);
	driver->dirty_end = &driver->dirty;
}

void k8s_cache_done(driver_instance *driver)
{
	kube_map_clear(&driver->sessions, free_session);
	kube_map_clear(&driver->connections, free_object);
	pthread_mutex_destroy(&driver->lock);
	pthread_mutex_destroy(&driver->owner_lock);
	pthread_cond_destroy(&driver->changed);
}

k8s_session *k8s_cache_find(driver_instance *driver, const char *id)
{
	return kube_map_get(&driver->sessions, id);
}

bool k8s_cache_is_complete(const driver_instance *driver)
{
	return driver->synced == (1u << K8S_WATCHES) - 1;
}

static k8s_session *find_or_add(driver_instance *driver, const char *id)
{
	k8s_session *session = kube_map_get(&driver->sessions, id);
	if (session != NULL)
		return session;
	session = calloc(1, sizeof(*session));
	if (session == NULL)
		return NULL;
	snprintf(session->id, sizeof(session->id), "%s", id);
	if (kube_map_put(&driver->sessions, id, session, NULL, NULL) < 0)
	{
		free(session);
		return NULL;
	}
	return session;
}

void k8s_cache_mark(driver_instance *driver, k8s_session *session)
{
	if (!session->dirty)
	{
		session->dirty = true;
		session->next_dirty = NULL;
		*driver->dirty_end = session;
		driver->dirty_end = &session->next_dirty;
	}
	pthread_cond_broadcast(&driver->changed);
}

const char *k8s_cache_wanted(const k8s_session *session)
{
	return *session->wanted != '\0' ? session->wanted : session->resource.desired;
}

int k8s_cache_begin(driver_instance *driver, const char *id, const char *wanted, ss_error *err)
{
	pthread_mutex_lock(&driver->lock);
	k8s_session *session = find_or_add(driver, id);
	if (session != NULL)
	{
		snprintf(session->wanted, sizeof(session->wanted), "%s", wanted);
		session->busy = true;
	}
	pthread_mutex_unlock(&driver->lock);
	return session == NULL ? ss_fail(err, "out_of_memory", "no memory for a session") : 0;
}

void k8s_cache_end(driver_instance *driver, const char *id, bool done)
{
	pthread_mutex_lock(&driver->lock);
	k8s_session *session = k8s_cache_find(driver, id);
	if (session != NULL)
	{
		session->busy = false;
		if (!done && !session->deployment.there && !session->resource.there)
			session->wanted[0] = '\0';
		k8s_cache_mark(driver, session);
	}
	pthread_mutex_unlock(&driver->lock);
}

/* What should be there is kept in mind, though nothing is left of it: see the inventory. */
bool k8s_cache_forget(driver_instance *driver, k8s_session *session)
{
	const char *wanted = k8s_cache_wanted(session);
	if (*wanted != '\0' && strcmp(wanted, "terminated") != 0)
		return false;
	if (session->deployment.there || session->resource.there || session->pods != NULL ||
		session->dirty || session->busy)
		return false;
	kube_map_remove(&driver->sessions, session->id);
	free_session(session);
	return true;
}

static void copy_text(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from == NULL ? "" : from);
}

static int first_port(const cJSON *deployment)
{
	const cJSON *spec = ss_json_object(deployment, "spec");
	const cJSON *pod = ss_json_object(ss_json_object(spec, "template"), "spec");
	const cJSON *container = cJSON_GetArrayItem(ss_json_array(pod, "containers"), 0);
	const cJSON *port = cJSON_GetArrayItem(ss_json_array(container, "ports"), 0);
	long long number = 0;
	return ss_json_int(port, "containerPort", &number) == 0 ? (int)number : K8S_DEFAULT_PORT;
}

static void take_deployment(k8s_session *session, kube_event event, const cJSON *object)
{
	if (event == KUBE_DELETED)
	{
		/* One of an older uid says nothing about the present one. */
		if (strcmp(session->deployment.uid, kube_uid(object)) == 0)
			session->deployment.there = false;
		return;
	}
	session->deployment.there = true;
	session->deployment.deleting = kube_is_deleting(object);
	copy_text(session->deployment.uid, sizeof(session->deployment.uid), kube_uid(object));
	session->deployment.revision = k8s_object_revision(object);
	if (ss_json_int(ss_json_object(object, "spec"), "replicas", &session->deployment.replicas) != 0)
		session->deployment.replicas = 1;
	session->deployment.port = first_port(object);
	k8s_pod_read_refusal(object, session->deployment.reason, session->deployment.message,
		&session->deployment.refused);
}

static void take_resource(k8s_session *session, kube_event event, const cJSON *object)
{
	if (event == KUBE_DELETED)
	{
		if (strcmp(session->resource.uid, kube_uid(object)) == 0)
			session->resource.there = false;
		return;
	}
	session->resource.there = true;
	copy_text(session->resource.uid, sizeof(session->resource.uid), kube_uid(object));
	session->resource.revision = k8s_object_revision(object);
	session->resource.generation = kube_generation(object);
	copy_text(session->resource.desired, sizeof(session->resource.desired),
		kube_annotation(object, K8S_NOTE_DESIRED));
	copy_text(session->resource.state, sizeof(session->resource.state),
		kube_annotation(object, K8S_NOTE_STATE));
	copy_text(session->resource.reason, sizeof(session->resource.reason),
		kube_annotation(object, K8S_NOTE_REASON));
	copy_text(session->resource.message, sizeof(session->resource.message),
		kube_annotation(object, K8S_NOTE_MESSAGE));
	session->resource.drifted = k8s_object_has_drifted(object);
	cJSON_Delete(session->resource.status);
	session->resource.status = cJSON_Duplicate(ss_json_object(object, "status"), true);
}

static void take_pod(k8s_session *session, kube_event event, const cJSON *object)
{
	k8s_pod **place = &session->pods;
	while (*place != NULL && strcmp((*place)->name, kube_name(object)) != 0)
		place = &(*place)->next;
	if (event == KUBE_DELETED)
	{
		k8s_pod *gone = *place;
		if (gone != NULL)
		{
			*place = gone->next;
			free(gone);
		}
		return;
	}
	if (*place == NULL)
		*place = calloc(1, sizeof(**place));
	if (*place != NULL)
	{
		k8s_pod *next = (*place)->next;
		k8s_pod_read(object, *place);
		(*place)->next = next;
	}
}

/* A template whose resource was deleted or edited by hand is sent again by the control plane. */
static bool template_is_lost(kube_event event, const cJSON *object)
{
	if (event == KUBE_DELETED)
		return true;
	return event == KUBE_MODIFIED && k8s_object_has_drifted(object);
}

void k8s_cache_event(void *ctx, const kube_kind *kind, kube_event event, const cJSON *object)
{
	driver_instance *driver = ctx;
	if (kind == &kube_template)
	{
		if (template_is_lost(event, object))
			driver->host.resync(driver->host.ctx);
		return;
	}
	const char *id = kube_label(object, K8S_LABEL_SESSION);
	if (id == NULL || *id == '\0' || strlen(id) >= K8S_ID_SIZE)
		return;
	pthread_mutex_lock(&driver->lock);
	k8s_session *session = find_or_add(driver, id);
	if (session != NULL)
	{
		if (kind == &kube_deployment)
			take_deployment(session, event, object);
		else if (kind == &kube_session)
			take_resource(session, event, object);
		else
			take_pod(session, event, object);
		k8s_cache_mark(driver, session);
	}
	pthread_mutex_unlock(&driver->lock);
}

void k8s_cache_synced(void *ctx, const kube_kind *kind)
{
	driver_instance *driver = ctx;
	const kube_kind *const order[K8S_WATCHES] = {
		[K8S_WATCH_SESSIONS] = &kube_session,
		[K8S_WATCH_TEMPLATES] = &kube_template,
		[K8S_WATCH_DEPLOYMENTS] = &kube_deployment,
		[K8S_WATCH_PODS] = &kube_pod,
	};
	pthread_mutex_lock(&driver->lock);
	for (unsigned i = 0; i < K8S_WATCHES; i++)
	{
		if (order[i] == kind)
			driver->synced |= 1u << i;
	}
	pthread_cond_broadcast(&driver->changed);
	pthread_mutex_unlock(&driver->lock);
}

/* Among the pods: a ready one, else the one that says most about why not. */
static const k8s_pod *best_pod(const k8s_session *session, bool *ret_any)
{
	const k8s_pod *best = NULL;
	*ret_any = false;
	for (const k8s_pod *pod = session->pods; pod != NULL; pod = pod->next)
	{
		*ret_any |= pod->state != K8S_POD_ENDED;
		if (best == NULL || pod->state == K8S_POD_READY)
			best = pod;
		else if (best->state == K8S_POD_READY)
			continue;
		else if (best->state == K8S_POD_ENDED || best->state == K8S_POD_ENDING ||
				 (*best->reason == '\0' && *pod->reason != '\0'))
			best = pod;
	}
	return best;
}

static const char *text_or_null(const char *text)
{
	return *text == '\0' ? NULL : text;
}

void k8s_cache_view(const k8s_session *session, k8s_view *ret)
{
	bool any;
	const k8s_pod *pod = best_pod(session, &any);
	*ret = (k8s_view){.revision = session->deployment.revision};
	if (!session->deployment.there || session->deployment.deleting)
	{
		ret->revision = session->resource.revision;
		return;
	}
	if (session->deployment.replicas == 0)
	{
		ret->state = any ? "hibernating" : "hibernated";
		return;
	}
	ret->state = "starting";
	ret->pod = pod;
	if (pod == NULL || (!any && *session->deployment.reason != '\0'))
	{
		ret->reason = text_or_null(session->deployment.reason);
		ret->message = text_or_null(session->deployment.message);
		if (session->deployment.refused)
			ret->state = "failed";
		return;
	}
	ret->reason = text_or_null(pod->reason);
	ret->message = text_or_null(pod->message);
	if (pod->state == K8S_POD_READY)
		ret->state = "running";
	else if (pod->state == K8S_POD_FAILED)
		ret->state = "failed";
}
