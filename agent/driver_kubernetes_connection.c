/*
 * Viewers as Connection resources, and the last input of sessions in the status of theirs. The
 * projector's thread; the watch's thread brings events.
 *
 * Level-triggered: what the database says is compared with what the watch saw, and the difference
 * is written, at most PROJECTION_WRITES a second. What is not written now is a difference still in
 * the next second, unless it has become another one meanwhile: nothing queues, so nothing grows,
 * and a newer state takes the place of an older one by itself. An object is written again for its
 * heartbeat alone at most once in PROJECTION_BEAT_S.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "agent/driver_kubernetes.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/log.h"
#include "common/timeutil.h"

#define MODULE "kubernetes"
#define PROJECTION_WRITES 5 /* of the 20 requests a second that the client has by default */
#define PROJECTION_BEAT_S 30
#define PROJECTION_INPUT_S 60
#define PROJECTION_MANAGER "streamspace-agent-activity"
#define REQUEST_MS 5000
#define LOG_MS 30000

/* ---- What the watch saw. */

void k8s_connection_event(void *ctx, const kube_kind *kind, kube_event event, const cJSON *object)
{
	driver_instance *driver = ctx;
	void *old = NULL;
	cJSON *copy = event == KUBE_DELETED ? NULL : cJSON_Duplicate(object, true);

	(void)kind;
	pthread_mutex_lock(&driver->lock);
	if (copy == NULL)
		old = kube_map_remove(&driver->connections, kube_name(object));
	else if (kube_map_put(&driver->connections, kube_name(object), copy, &old, NULL) < 0)
		old = copy;
	pthread_mutex_unlock(&driver->lock);
	cJSON_Delete(old);
}

void k8s_connection_synced(void *ctx, const kube_kind *kind)
{
	driver_instance *driver = ctx;

	(void)kind;
	pthread_mutex_lock(&driver->lock);
	driver->connections_synced = true;
	pthread_mutex_unlock(&driver->lock);
}

/* A copy of what the watch saw of that one; NULL: nothing. */
static cJSON *copy_of(driver_instance *driver, const char *name)
{
	pthread_mutex_lock(&driver->lock);
	cJSON *copy = cJSON_Duplicate(kube_map_get(&driver->connections, name), true);
	pthread_mutex_unlock(&driver->lock);
	return copy;
}

/* ---- The budget. */

static bool may_write(driver_instance *driver)
{
	driver->projection.wanted++;
	if (driver->projection.budget <= 0)
		return false;
	driver->projection.budget--;
	return true;
}

static void note_failure(driver_instance *driver, const ss_error *err)
{
	long long now = ss_time_monotonic_ms();

	/* Who was deleted, or changed, at this moment is looked at again in a second. */
	if (k8s_is(err->code, "kube_conflict") || k8s_is(err->code, "kube_not_found") ||
		k8s_is(err->code, "stopping") ||
		(driver->projection.failed_ms != 0 && now - driver->projection.failed_ms < LOG_MS))
		return;
	driver->projection.failed_ms = now;
	ss_log_error(SS_LOG_WARNING, MODULE, "viewer_not_shown", err, NULL);
}

static void note_backlog(driver_instance *driver)
{
	k8s_projection *own = &driver->projection;
	long long now = ss_time_monotonic_ms();
	int behind = own->wanted - PROJECTION_WRITES;

	if (behind > 0 && (!own->behind || now - own->logged_ms > LOG_MS))
	{
		own->behind = true;
		own->logged_ms = now;
		ss_log(SS_LOG_INFO, MODULE, "viewers_behind", "writes", SS_NUM(behind), NULL);
	}
	else if (behind <= 0 && own->behind)
	{
		own->behind = false;
		ss_log(SS_LOG_INFO, MODULE, "viewers_shown", NULL);
	}
}

static kube_scope scope_of(driver_instance *driver)
{
	return k8s_scope(driver, ss_time_monotonic_ms() + REQUEST_MS);
}

/* ---- Documents. */

static bool is_address(const char *text)
{
	return text != NULL && strlen(text) >= 2 && strlen(text) <= 45 &&
		   text[strspn(text, "0123456789abcdefABCDEF.:")] == '\0';
}

static cJSON *new_object(driver_instance *driver, const cJSON *viewer)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *meta = cJSON_AddObjectToObject(root, "metadata");
	cJSON *labels = cJSON_AddObjectToObject(meta, "labels");
	cJSON *spec = cJSON_AddObjectToObject(root, "spec");
	const char *session = ss_json_string(viewer, "session");
	const char *address = ss_json_string(viewer, "address");
	char installation[DRIVER_INSTALLATION_SIZE];

	pthread_mutex_lock(&driver->owner_lock);
	snprintf(installation, sizeof installation, "%s", driver->installation);
	pthread_mutex_unlock(&driver->owner_lock);
	bool good = cJSON_AddStringToObject(meta, "name", ss_json_string(viewer, "id")) != NULL &&
				cJSON_AddStringToObject(labels, K8S_LABEL_MANAGER, K8S_MANAGER) != NULL &&
				cJSON_AddStringToObject(labels, K8S_LABEL_AGENT, driver->agent_id) != NULL &&
				cJSON_AddStringToObject(labels, K8S_LABEL_SESSION, session) != NULL &&
				cJSON_AddStringToObject(labels, K8S_LABEL_REVISION, "1") != NULL &&
				cJSON_AddStringToObject(spec, "sessionID", session) != NULL &&
				cJSON_AddStringToObject(spec, "userID", ss_json_string(viewer, "user")) != NULL;
	if (*installation != '\0')
		good &= cJSON_AddStringToObject(labels, K8S_LABEL_INSTALLATION, installation) != NULL;
	if (is_address(address))
		good &= cJSON_AddStringToObject(spec, "clientIP", address) != NULL;
	if (good)
		return root;
	cJSON_Delete(root);
	return NULL;
}

static bool spec_is(const cJSON *object, const cJSON *viewer)
{
	const cJSON *spec = ss_json_object(object, "spec");
	const char *address = ss_json_string(viewer, "address");
	const char *shown = ss_json_string(spec, "clientIP");

	return k8s_is(ss_json_string(spec, "sessionID"), ss_json_string(viewer, "session")) &&
		   k8s_is(ss_json_string(spec, "userID"), ss_json_string(viewer, "user")) &&
		   ss_json_get(spec, "userAgent") == NULL &&
		   (is_address(address) ? k8s_is(shown, address) : shown == NULL);
}

static const char *reason_of(const char *state)
{
	return k8s_is(state, "active")  ? "Connected"
		   : k8s_is(state, "stale") ? "NotHeardOf"
									: "Disconnected";
}

static const cJSON *ready_of(const cJSON *status)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, ss_json_array(status, "conditions"))
	{
		if (k8s_is(ss_json_string(item, "type"), "Ready"))
			return item;
	}
	return NULL;
}

static long long seconds_of(const char *text)
{
	struct tm utc = {0};

	if (text == NULL || strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc) == NULL)
		return 0;
	return (long long)timegm(&utc);
}

static bool state_is(const cJSON *object, const cJSON *viewer)
{
	const cJSON *status = ss_json_object(object, "status");
	const char *state = ss_json_string(viewer, "state");
	const cJSON *ready = ready_of(status);
	long long seen = -1;

	return k8s_is(ss_json_string(status, "state"), state) &&
		   k8s_is(ss_json_string(status, "connectedAt"), ss_json_string(viewer, "connected_at")) &&
		   k8s_is(ss_json_string(ready, "reason"), reason_of(state)) &&
		   k8s_is(ss_json_string(ready, "status"), k8s_is(state, "active") ? "True" : "False") &&
		   ss_json_int(ready, "observedGeneration", &seen) == 0 && seen == kube_generation(object);
}

static bool beat_is_due(const cJSON *object, const cJSON *viewer)
{
	const cJSON *status = ss_json_object(object, "status");
	long long shown = seconds_of(ss_json_string(status, "lastHeartbeat"));
	long long heard = seconds_of(ss_json_string(viewer, "heard_at"));

	return shown > heard || heard - shown >= PROJECTION_BEAT_S;
}

static cJSON *new_status(const cJSON *object, const cJSON *viewer)
{
	char now[SS_TIME_SIZE];
	const char *state = ss_json_string(viewer, "state");
	const char *holds = k8s_is(state, "active") ? "True" : "False";
	const cJSON *old = ready_of(ss_json_object(object, "status"));
	const char *since = ss_json_string(old, "lastTransitionTime");
	cJSON *root = cJSON_CreateObject();
	cJSON *meta = cJSON_AddObjectToObject(root, "metadata");
	cJSON *status = cJSON_AddObjectToObject(root, "status");
	cJSON *list = cJSON_AddArrayToObject(status, "conditions");
	cJSON *ready = cJSON_CreateObject();

	if (since == NULL || !k8s_is(ss_json_string(old, "status"), holds))
		since = ss_time_now(now);
	bool good = cJSON_AddItemToArray(list, ready) &&
				cJSON_AddStringToObject(meta, "name", kube_name(object)) != NULL &&
				cJSON_AddStringToObject(meta, "uid", kube_uid(object)) != NULL &&
				cJSON_AddStringToObject(status, "state", state) != NULL &&
				cJSON_AddStringToObject(
					status, "connectedAt", ss_json_string(viewer, "connected_at")) != NULL &&
				cJSON_AddStringToObject(
					status, "lastHeartbeat", ss_json_string(viewer, "heard_at")) != NULL &&
				cJSON_AddStringToObject(ready, "type", "Ready") != NULL &&
				cJSON_AddStringToObject(ready, "status", holds) != NULL &&
				cJSON_AddStringToObject(ready, "reason", reason_of(state)) != NULL &&
				cJSON_AddStringToObject(ready, "message", "") != NULL &&
				cJSON_AddStringToObject(ready, "lastTransitionTime", since) != NULL &&
				cJSON_AddNumberToObject(
					ready, "observedGeneration", (double)kube_generation(object)) != NULL;
	if (good)
		return root;
	cJSON_Delete(root);
	return NULL;
}

/* ---- Writing. */

static void write_status(driver_instance *driver, const cJSON *object, const cJSON *viewer)
{
	ss_error err = SS_ERROR_INIT;
	kube_scope scope = scope_of(driver);
	auto_cjson cJSON *document = new_status(object, viewer);

	if (document != NULL &&
		kube_apply(&scope, &kube_connection, "status", document, NULL, &err) < 0)
		note_failure(driver, &err);
}

static void remove_object(driver_instance *driver, const cJSON *object)
{
	ss_error err = SS_ERROR_INIT;
	kube_scope scope = scope_of(driver);

	if (kube_delete(
			&scope, &kube_connection, kube_name(object), kube_uid(object), "Background", &err) < 0)
		note_failure(driver, &err);
}

static void create_object(driver_instance *driver, const cJSON *viewer)
{
	ss_error err = SS_ERROR_INIT;
	kube_scope scope = scope_of(driver);
	auto_cjson cJSON *made = NULL;
	auto_cjson cJSON *document = new_object(driver, viewer);

	if (document == NULL)
		return;
	if (kube_apply(&scope, &kube_connection, NULL, document, &made, &err) < 0)
		note_failure(driver, &err);
	else if (may_write(driver)) /* else in the next second */
		write_status(driver, made, viewer);
}

/* ---- Which is to be written. */

static bool is_viewer(const cJSON *viewer)
{
	const char *const fields[] = {"id", "session", "user", "state", "connected_at", "heard_at"};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
	{
		if (ss_json_string(viewer, fields[i]) == NULL)
			return false;
	}
	return strlen(ss_json_string(viewer, "id")) < K8S_ID_SIZE;
}

static const cJSON *viewers_of(const cJSON *answer)
{
	return ss_json_array(answer, "viewers");
}

typedef struct surplus
{
	kube_map wanted; /* id -> the viewer */
	cJSON *list;     /* objects of nobody */
} surplus;

static int find_surplus(void *ctx, const char *key, void *value)
{
	surplus *find = ctx;

	if (kube_map_get(&find->wanted, key) == NULL && !kube_is_deleting(value))
		cJSON_AddItemToArray(find->list, cJSON_Duplicate(value, true));
	return KUBE_MAP_KEEP;
}

/* What is shown of viewers who are gone. Nothing is concluded from an answer that is not whole. */
static void remove_gone(driver_instance *driver, const cJSON *answer)
{
	surplus find = {.list = cJSON_CreateArray()};
	const cJSON *viewer;
	bool whole = cJSON_IsTrue(ss_json_get(answer, "viewers_complete"));

	cJSON_ArrayForEach(viewer, viewers_of(answer))
	{
		if (is_viewer(viewer) && kube_map_put(&find.wanted, ss_json_string(viewer, "id"),
									 (void *)(uintptr_t)viewer, NULL, NULL) < 0)
			whole = false;
	}
	pthread_mutex_lock(&driver->lock);
	if (whole && find.list != NULL)
		kube_map_each(&driver->connections, find_surplus, &find);
	pthread_mutex_unlock(&driver->lock);
	cJSON_ArrayForEach(viewer, find.list)
	{
		if (may_write(driver))
			remove_object(driver, viewer);
	}
	kube_map_clear(&find.wanted, NULL);
	cJSON_Delete(find.list);
}

/* A viewer who was never shown is not shown as gone. */
static void show(driver_instance *driver, const cJSON *viewer, bool beats)
{
	auto_cjson cJSON *object = copy_of(driver, ss_json_string(viewer, "id"));

	if (object == NULL)
	{
		if (!beats && !k8s_is(ss_json_string(viewer, "state"), "disconnected") && may_write(driver))
			create_object(driver, viewer);
		return;
	}
	if (kube_is_deleting(object))
		return;
	if (beats)
	{
		if (state_is(object, viewer) && beat_is_due(object, viewer) && may_write(driver))
			write_status(driver, object, viewer);
	}
	else if (!spec_is(object, viewer))
	{
		/* It never changes; the right one is made once this one is gone. */
		if (may_write(driver))
			remove_object(driver, object);
	}
	else if (!state_is(object, viewer) && may_write(driver))
		write_status(driver, object, viewer);
}

static void show_all(driver_instance *driver, const cJSON *answer, bool beats)
{
	const cJSON *viewer;

	cJSON_ArrayForEach(viewer, viewers_of(answer))
	{
		if (is_viewer(viewer))
			show(driver, viewer, beats);
	}
}

/* ---- The last input of sessions. */

/* The document to write; NULL: what stands there is right, or near enough. */
static cJSON *plan_input(driver_instance *driver, const cJSON *item, long long now)
{
	const char *id = ss_json_string(item, "session");
	const char *active_at = ss_json_string(item, "active_at");
	long long active = seconds_of(active_at);
	cJSON *root = NULL;

	if (id == NULL || active == 0)
		return NULL;
	pthread_mutex_lock(&driver->lock);
	const k8s_session *session = k8s_cache_find(driver, id);
	if (session != NULL && session->resource.there)
	{
		long long shown = seconds_of(ss_json_string(session->resource.status, "lastActivity"));
		bool due = shown != active &&
				   (shown == 0 || shown > active || active - shown >= PROJECTION_INPUT_S ||
					   now - active >= PROJECTION_INPUT_S);
		if (due && (root = cJSON_CreateObject()) != NULL)
		{
			cJSON *meta = cJSON_AddObjectToObject(root, "metadata");
			cJSON_AddStringToObject(meta, "name", id);
			cJSON_AddStringToObject(meta, "uid", session->resource.uid);
			cJSON_AddStringToObject(
				cJSON_AddObjectToObject(root, "status"), "lastActivity", active_at);
		}
	}
	pthread_mutex_unlock(&driver->lock);
	return root;
}

static void show_inputs(driver_instance *driver, const cJSON *answer)
{
	long long now = seconds_of(ss_json_string(answer, "read_at"));
	const cJSON *item;

	cJSON_ArrayForEach(item, ss_json_array(answer, "activity"))
	{
		ss_error err = SS_ERROR_INIT;
		kube_scope scope = scope_of(driver);
		auto_cjson cJSON *document = plan_input(driver, item, now);

		/* Under a name of its own: the rest of the status is written whole by the reporter. */
		if (document != NULL && may_write(driver) &&
			kube_apply_as(
				&scope, &kube_session, "status", PROJECTION_MANAGER, document, NULL, &err) < 0)
			note_failure(driver, &err);
	}
}

void k8s_connection_project(driver_instance *driver, const cJSON *viewers)
{
	pthread_mutex_lock(&driver->lock);
	bool synced = driver->connections_synced;
	pthread_mutex_unlock(&driver->lock);

	driver->projection.budget = PROJECTION_WRITES;
	driver->projection.wanted = 0;
	if (synced)
	{
		remove_gone(driver, viewers);
		show_all(driver, viewers, false);
	}
	show_inputs(driver, viewers);
	if (synced)
		show_all(driver, viewers, true);
	note_backlog(driver);
}
