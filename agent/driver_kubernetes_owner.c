/*
 * The installation's ConfigMap, and the question whether an object is ours. Executor threads.
 *
 * The ConfigMap `streamspace-installation` of the sessions' namespace names the installation that
 * the namespace belongs to. It is made by the first command, by create and not by apply, so that
 * of two installations one wins and the other is refused. One that names no installation yet (the
 * chart makes it so, and an uninstall takes it away) is filled in by replace, for the same reason.
 */
#include <stdio.h>
#include <string.h>

#include "agent/driver_kubernetes.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/timeutil.h"

/* Short: objects of an owner that is gone would be collected at once. */
#define OWNER_AGE_MS 2000

static int make_owner(const kube_scope *scope, const char *installation, cJSON **ret, ss_error *err)
{
	auto_cjson cJSON *object = cJSON_CreateObject();
	cJSON *meta = cJSON_AddObjectToObject(object, "metadata");
	cJSON *labels = cJSON_AddObjectToObject(meta, "labels");
	cJSON *data = cJSON_AddObjectToObject(object, "data");
	if (cJSON_AddStringToObject(meta, "name", K8S_INSTALLATION) == NULL ||
		cJSON_AddStringToObject(labels, K8S_LABEL_MANAGER, K8S_MANAGER) == NULL ||
		cJSON_AddStringToObject(labels, K8S_LABEL_INSTALLATION, installation) == NULL ||
		cJSON_AddStringToObject(data, "installationId", installation) == NULL)
		return ss_fail(err, "out_of_memory", "no memory for an object");
	ss_error failure = SS_ERROR_INIT;
	if (kube_create(scope, &kube_config_map, object, ret, &failure) == 0)
		return 0;
	if (strcmp(failure.code, "kube_already_exists") == 0)
		return kube_get(scope, &kube_config_map, K8S_INSTALLATION, ret, err);
	if (err != NULL)
		*err = failure;
	return -1;
}

/* An empty one becomes ours, or whose it has become meanwhile. */
static int claim_owner(
	const kube_scope *scope, const char *installation, cJSON **object, ss_error *err)
{
	cJSON *meta = cJSON_GetObjectItemCaseSensitive(*object, "metadata");
	cJSON *labels = cJSON_GetObjectItemCaseSensitive(meta, "labels");
	if (labels == NULL)
		labels = cJSON_AddObjectToObject(meta, "labels");
	cJSON_DeleteItemFromObjectCaseSensitive(labels, K8S_LABEL_INSTALLATION);
	cJSON_DeleteItemFromObjectCaseSensitive(*object, "data");
	cJSON *data = cJSON_AddObjectToObject(*object, "data");
	if (cJSON_AddStringToObject(labels, K8S_LABEL_INSTALLATION, installation) == NULL ||
		cJSON_AddStringToObject(data, "installationId", installation) == NULL)
		return ss_fail(err, "out_of_memory", "no memory for an object");
	ss_error failure = SS_ERROR_INIT;
	cJSON *now = NULL;
	int rc = kube_replace(scope, &kube_config_map, *object, &now, &failure);
	if (rc < 0 && strcmp(failure.code, "kube_conflict") == 0)
		rc = kube_get(scope, &kube_config_map, K8S_INSTALLATION, &now, err);
	else if (rc < 0 && err != NULL)
		*err = failure;
	if (rc > 0)
		return ss_fail(
			err, "kube_conflict", "the ConfigMap of the installation was deleted just now");
	if (rc == 0)
	{
		cJSON_Delete(*object);
		*object = now;
	}
	return rc;
}

static const char *installation_of(const cJSON *object)
{
	const char *id = ss_json_string(ss_json_object(object, "data"), "installationId");
	return id == NULL ? "" : id;
}

/* With owner_lock held. wanted "" takes what is there. */
static int find_owner(
	driver_instance *driver, const kube_scope *scope, const char *wanted, ss_error *err)
{
	auto_cjson cJSON *object = NULL;
	long long now = ss_time_monotonic_ms();
	if (driver->owner_seen_ms != 0 && now - driver->owner_seen_ms < OWNER_AGE_MS &&
		(*wanted == '\0' || strcmp(wanted, driver->installation) == 0))
		return 0;
	int rc = kube_get(scope, &kube_config_map, K8S_INSTALLATION, &object, err);
	if (rc == 1 && *wanted == '\0')
		return ss_fail(err, "installation_unknown",
			"the command names no installation, and the namespace has none");
	if (rc == 1)
		rc = make_owner(scope, wanted, &object, err);
	else if (rc == 0 && *wanted != '\0' && *installation_of(object) == '\0')
		rc = claim_owner(scope, wanted, &object, err);
	if (rc != 0)
		return -1;
	const char *have = installation_of(object);
	if (*have == '\0' && *wanted == '\0')
		return ss_fail(err, "installation_unknown",
			"the command names no installation, and the namespace has none");
	if (*have == '\0' || strlen(have) >= sizeof(driver->installation) ||
		(*wanted != '\0' && strcmp(have, wanted) != 0))
	{
		ss_fail(err, "installation_mismatch", "namespace %s belongs to another installation",
			driver->name_space);
		return ss_error_set_hint(err, "give each installation a namespace of its own");
	}
	snprintf(driver->installation, sizeof(driver->installation), "%s", have);
	snprintf(driver->owner_uid, sizeof(driver->owner_uid), "%s", kube_uid(object));
	driver->owner_seen_ms = now;
	return 0;
}

int k8s_owner_find(driver_instance *driver, const driver_command *command, long long deadline_ms,
	char ret_installation[DRIVER_INSTALLATION_SIZE], char ret_uid[DRIVER_UID_SIZE], ss_error *err)
{
	kube_scope scope = k8s_scope(driver, deadline_ms);
	const char *wanted = command->installation_id;
	const char *named = ss_json_string(command->payload, "installationId");
	if (*wanted == '\0' && named != NULL && strlen(named) < DRIVER_INSTALLATION_SIZE)
		wanted = named;
	pthread_mutex_lock(&driver->owner_lock);
	int rc = find_owner(driver, &scope, wanted, err);
	if (rc == 0)
	{
		memcpy(ret_installation, driver->installation, DRIVER_INSTALLATION_SIZE);
		memcpy(ret_uid, driver->owner_uid, DRIVER_UID_SIZE);
	}
	pthread_mutex_unlock(&driver->owner_lock);
	return rc;
}

static bool label_is(const cJSON *object, const char *key, const char *want)
{
	const char *have = kube_label(object, key);
	return have != NULL && strcmp(have, want) == 0;
}

int k8s_owner_check(driver_instance *driver, const kube_kind *kind, const cJSON *object,
	const char *installation, const char *session, ss_error *err)
{
	const char *wrong = NULL;
	if (!label_is(object, K8S_LABEL_MANAGER, K8S_MANAGER))
		wrong = K8S_LABEL_MANAGER;
	else if (!label_is(object, K8S_LABEL_INSTALLATION, installation))
		wrong = K8S_LABEL_INSTALLATION;
	else if (!label_is(object, K8S_LABEL_AGENT, driver->agent_id))
		wrong = K8S_LABEL_AGENT;
	else if (session != NULL && !label_is(object, K8S_LABEL_SESSION, session))
		wrong = K8S_LABEL_SESSION;
	if (wrong == NULL)
		return 0;
	ss_fail(err, "foreign_object", "%s %s exists and is not ours (label %s)", kind->kind,
		kube_name(object), wrong);
	return ss_error_set_hint(err, "remove or rename it: nothing of it was changed");
}

bool k8s_owner_is(const cJSON *object, const char *owner_uid)
{
	const cJSON *owner;
	cJSON_ArrayForEach(owner, ss_json_array(ss_json_object(object, "metadata"), "ownerReferences"))
	{
		const char *uid = ss_json_string(owner, "uid");
		if (uid != NULL && strcmp(uid, owner_uid) == 0)
			return true;
	}
	return false;
}
