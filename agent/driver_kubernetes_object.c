/*
 * The objects of a session, as documents for server-side apply: the full intent each time, only
 * fields that we own, the same document for the same session. Any thread.
 */
#include <stdio.h>
#include <string.h>

#include "agent/driver_kubernetes.h"
#include "common/cleanup.h"
#include "common/json.h"

#define USER_ID 1000
#define HOME_PATH "/home/user"
#define TAG_MAX 63

/* A document in the making: the first failure sticks, so that only the end needs a check. */
typedef struct builder
{
	cJSON *root;
	bool failed;
} builder;

static cJSON *add_object(builder *b, cJSON *parent, const char *key)
{
	cJSON *object = cJSON_AddObjectToObject(parent, key);
	b->failed |= object == NULL;
	return object;
}

static cJSON *add_array(builder *b, cJSON *parent, const char *key)
{
	cJSON *array = cJSON_AddArrayToObject(parent, key);
	b->failed |= array == NULL;
	return array;
}

static cJSON *append_object(builder *b, cJSON *array)
{
	cJSON *object = cJSON_CreateObject();
	if (object == NULL || !cJSON_AddItemToArray(array, object))
	{
		cJSON_Delete(object);
		b->failed = true;
		return NULL;
	}
	return object;
}

static void append_text(builder *b, cJSON *array, const char *text)
{
	cJSON *item = cJSON_CreateString(text);
	if (item == NULL || !cJSON_AddItemToArray(array, item))
	{
		cJSON_Delete(item);
		b->failed = true;
	}
}

static void add_text(builder *b, cJSON *object, const char *key, const char *text)
{
	b->failed |= cJSON_AddStringToObject(object, key, text) == NULL;
}

static void add_bool(builder *b, cJSON *object, const char *key, bool value)
{
	b->failed |= cJSON_AddBoolToObject(object, key, value) == NULL;
}

static void add_number(builder *b, cJSON *object, const char *key, long long number)
{
	b->failed |= cJSON_AddNumberToObject(object, key, (double)number) == NULL;
}

static cJSON *finish(builder *b, ss_error *err)
{
	if (!b->failed)
		return b->root;
	cJSON_Delete(b->root);
	ss_fail(err, "out_of_memory", "no memory for an object");
	return NULL;
}

/* What selects the objects of a session, and never changes. */
static void add_identity(builder *b, const k8s_plan *plan, cJSON *labels)
{
	add_text(b, labels, K8S_LABEL_MANAGER, K8S_MANAGER);
	add_text(b, labels, K8S_LABEL_INSTALLATION, plan->installation);
	add_text(b, labels, K8S_LABEL_AGENT, plan->driver->agent_id);
	if (*plan->id != '\0')
		add_text(b, labels, K8S_LABEL_SESSION, plan->id);
}

/* Starts a document. revision: with the label; owned: by the ConfigMap of the installation. */
static cJSON *begin(
	builder *b, const k8s_plan *plan, const char *name, const char *uid, bool revision, bool owned)
{
	char number[24];
	b->root = cJSON_CreateObject();
	b->failed = b->root == NULL;
	cJSON *meta = add_object(b, b->root, "metadata");
	add_text(b, meta, "name", name);
	if (uid != NULL)
		add_text(b, meta, "uid", uid);
	cJSON *labels = add_object(b, meta, "labels");
	add_identity(b, plan, labels);
	if (revision)
	{
		snprintf(number, sizeof(number), "%lld", (long long)plan->revision);
		add_text(b, labels, K8S_LABEL_REVISION, number);
	}
	if (owned)
	{
		cJSON *owner = append_object(b, add_array(b, meta, "ownerReferences"));
		add_text(b, owner, "apiVersion", "v1");
		add_text(b, owner, "kind", "ConfigMap");
		add_text(b, owner, "name", K8S_INSTALLATION);
		add_text(b, owner, "uid", plan->owner_uid);
	}
	return meta;
}

int64_t k8s_object_revision(const cJSON *object)
{
	const char *text = kube_label(object, K8S_LABEL_REVISION);
	char *end;
	if (text == NULL || *text < '0' || *text > '9')
		return 0;
	long long number = strtoll(text, &end, 10);
	return *end == '\0' && number <= SS_JSON_INT_MAX ? number : 0;
}

void k8s_object_claim_name(const char *session, char ret[K8S_NAME_SIZE])
{
	snprintf(ret, K8S_NAME_SIZE, "%s-home", session);
}

static int port_of(const cJSON *object, const char *key)
{
	long long port = 0;
	if (ss_json_int(object, key, &port) != 0 || port < 1 || port > 65535)
		return 0;
	return (int)port;
}

/* vnc.port, or what older templates say instead. */
int k8s_object_port(const cJSON *spec)
{
	int port = port_of(ss_json_object(spec, "vnc"), "port");
	if (port == 0)
		port = port_of(ss_json_object(spec, "kasmvnc"), "port");
	const cJSON *item;
	cJSON_ArrayForEach(item, ss_json_array(spec, "ports"))
	{
		const char *name = ss_json_string(item, "name");
		if (port == 0 && name != NULL && strcmp(name, "vnc") == 0)
			port = port_of(item, "containerPort");
	}
	return port == 0 ? K8S_DEFAULT_PORT : port;
}

static bool has_home(const k8s_plan *plan)
{
	bool persistent = true;
	return ss_json_bool(plan->payload, "persistentHome", &persistent) != 0 || persistent;
}

/* ---- the custom resource ---- */

static void add_tags(builder *b, const k8s_plan *plan, cJSON *spec)
{
	const cJSON *tags = ss_json_array(plan->payload, "tags");
	if (cJSON_GetArraySize(tags) == 0)
		return;
	cJSON *list = add_array(b, spec, "tags");
	const cJSON *tag;
	cJSON_ArrayForEach(tag, tags)
	{
		const char *text = cJSON_GetStringValue(tag);
		bool known = text == NULL || *text == '\0' || strlen(text) > TAG_MAX;
		for (const cJSON *one = list == NULL ? NULL : list->child; !known && one != NULL;
			 one = one->next)
			known = strcmp(one->valuestring, text) == 0;
		if (!known && cJSON_GetArraySize(list) < 64)
			append_text(b, list, text);
	}
}

static void add_copy(builder *b, cJSON *spec, const char *key, const cJSON *from)
{
	const char *text = ss_json_string(from, key);
	if (text != NULL && *text != '\0')
		add_text(b, spec, key, text);
}

static void add_note(builder *b, cJSON *notes, const char *key, const char *text)
{
	if (text != NULL && *text != '\0')
		add_text(b, notes, key, text);
}

static const char *public_state(const char *desired)
{
	/* A failed session has no compute and keeps its home: that is what hibernated says. */
	return strcmp(desired, "stopped") == 0 ? "hibernated" : desired;
}

cJSON *k8s_object_session(const k8s_plan *plan, const char *uid, ss_error *err)
{
	builder b;
	char hash[SS_HEX_SIZE];
	const char *org = ss_json_string(plan->payload, "org");
	cJSON *meta = begin(&b, plan, plan->id, uid, true, false);
	cJSON *labels = cJSON_GetObjectItemCaseSensitive(meta, "labels");
	if (org != NULL && strlen(org) < K8S_ID_SIZE)
		add_text(&b, labels, K8S_LABEL_ORG, org);
	cJSON *notes = add_object(&b, meta, "annotations");
	add_note(&b, notes, K8S_NOTE_DESIRED, plan->desired);
	add_note(&b, notes, K8S_NOTE_STATE, ss_json_string(plan->payload, "state"));
	add_note(&b, notes, K8S_NOTE_REASON, ss_json_string(plan->payload, "reason"));
	add_note(&b, notes, K8S_NOTE_MESSAGE, ss_json_string(plan->payload, "message"));

	const char *user = ss_json_string(plan->payload, "user");
	const char *template = ss_json_string(plan->payload, "template");
	cJSON *spec = add_object(&b, b.root, "spec");
	add_text(&b, spec, "user", user == NULL ? "" : user);
	add_text(&b, spec, "template", template == NULL ? "" : template);
	add_text(&b, spec, "state", public_state(plan->desired));
	add_bool(&b, spec, "persistentHome", has_home(plan));
	cJSON *resources = add_object(&b, spec, "resources");
	add_copy(&b, resources, "memory", plan->payload);
	add_copy(&b, resources, "cpu", plan->payload);
	add_copy(&b, spec, "idleTimeout", plan->payload);
	add_copy(&b, spec, "maxSessionDuration", plan->payload);
	add_tags(&b, plan, spec);
	if (!b.failed && k8s_hash(spec, hash, err) == 0)
		add_text(&b, notes, K8S_NOTE_SPEC, hash);
	else
		b.failed = true;
	return finish(&b, err);
}

/* ---- home, service ---- */

cJSON *k8s_object_claim(const k8s_plan *plan, ss_error *err)
{
	builder b;
	long long size = 0;
	char quantity[32];
	k8s_plan home = *plan;
	/* A home is no session's. */
	if (*plan->home != '\0')
		home.id[0] = '\0';
	cJSON *meta = begin(&b, &home, plan->claim, NULL, false, false);
	if (*plan->home != '\0')
		add_text(&b, cJSON_GetObjectItemCaseSensitive(meta, "labels"), K8S_LABEL_HOME, plan->home);
	cJSON *spec = add_object(&b, b.root, "spec");
	append_text(&b, add_array(&b, spec, "accessModes"), "ReadWriteOnce");
	if (*plan->driver->home_class != '\0')
		add_text(&b, spec, "storageClassName", plan->driver->home_class);
	cJSON *requests = add_object(&b, add_object(&b, spec, "resources"), "requests");
	if (ss_json_int(ss_json_object(plan->payload, "home"), "sizeMib", &size) == 0 && size > 0)
		snprintf(quantity, sizeof(quantity), "%lldMi", size);
	else
		snprintf(quantity, sizeof(quantity), "%s", plan->driver->home_size);
	add_text(&b, requests, "storage", quantity);
	return finish(&b, err);
}

cJSON *k8s_object_service(const k8s_plan *plan, const char *uid, ss_error *err)
{
	builder b;
	begin(&b, plan, plan->id, uid, true, true);
	cJSON *spec = add_object(&b, b.root, "spec");
	add_text(&b, spec, "type", "ClusterIP");
	add_text(&b, add_object(&b, spec, "selector"), K8S_LABEL_SESSION, plan->id);
	cJSON *port = append_object(&b, add_array(&b, spec, "ports"));
	add_text(&b, port, "name", "vnc");
	add_text(&b, port, "protocol", "TCP");
	add_number(&b, port, "port", plan->port);
	add_number(&b, port, "targetPort", plan->port);
	return finish(&b, err);
}

/* ---- the deployment ---- */

/* Literal values only: a template never reaches into Secrets or ConfigMaps. */
static void add_environment(builder *b, const k8s_plan *plan, cJSON *container)
{
	const cJSON *from = ss_json_array(plan->spec, "env");
	if (cJSON_GetArraySize(from) == 0)
		return;
	cJSON *list = add_array(b, container, "env");
	const cJSON *item;
	cJSON_ArrayForEach(item, from)
	{
		const char *name = ss_json_string(item, "name");
		const char *value = ss_json_string(item, "value");
		if (name == NULL)
			continue;
		cJSON *variable = append_object(b, list);
		add_text(b, variable, "name", name);
		add_text(b, variable, "value", value == NULL ? "" : value);
	}
}

static void add_mount(builder *b, cJSON *mounts, const char *volume, const char *path)
{
	cJSON *mount = append_object(b, mounts);
	add_text(b, mount, "name", volume);
	add_text(b, mount, "mountPath", path);
}

static void add_empty_volume(builder *b, cJSON *volumes, const char *name)
{
	cJSON *volume = append_object(b, volumes);
	add_text(b, volume, "name", name);
	add_object(b, volume, "emptyDir");
}

static bool is_home(const char *name)
{
	return strcmp(name, "user-home") == 0 || strcmp(name, "home") == 0;
}

/* The home where the template wants it, /tmp, and for every other mount an empty folder. */
static void add_volumes(builder *b, const k8s_plan *plan, cJSON *pod, cJSON *container)
{
	cJSON *volumes = add_array(b, pod, "volumes");
	cJSON *mounts = add_array(b, container, "volumeMounts");
	bool home = false;
	bool tmp = false;
	int extra = 0;
	if (*plan->claim != '\0')
	{
		cJSON *volume = append_object(b, volumes);
		add_text(b, volume, "name", "home");
		add_text(b, add_object(b, volume, "persistentVolumeClaim"), "claimName", plan->claim);
	}
	else
		add_empty_volume(b, volumes, "home");
	const cJSON *item;
	cJSON_ArrayForEach(item, ss_json_array(plan->spec, "volumeMounts"))
	{
		const char *name = ss_json_string(item, "name");
		const char *path = ss_json_string(item, "mountPath");
		char volume[32];
		if (name == NULL || path == NULL || *path != '/')
			continue;
		tmp |= strcmp(path, "/tmp") == 0;
		if (is_home(name))
		{
			home = true;
			add_mount(b, mounts, "home", path);
			continue;
		}
		snprintf(volume, sizeof(volume), "extra-%d", extra++);
		add_empty_volume(b, volumes, volume);
		add_mount(b, mounts, volume, path);
	}
	if (!home)
		add_mount(b, mounts, "home", HOME_PATH);
	if (!tmp)
	{
		add_empty_volume(b, volumes, "tmp");
		add_mount(b, mounts, "tmp", "/tmp");
	}
}

/* The Pod Security standard `restricted`. */
static void add_security(builder *b, cJSON *pod, cJSON *container)
{
	cJSON *whole = add_object(b, pod, "securityContext");
	add_bool(b, whole, "runAsNonRoot", true);
	add_number(b, whole, "runAsUser", USER_ID);
	add_number(b, whole, "runAsGroup", USER_ID);
	add_number(b, whole, "fsGroup", USER_ID);
	add_text(b, whole, "fsGroupChangePolicy", "OnRootMismatch");
	add_text(b, add_object(b, whole, "seccompProfile"), "type", "RuntimeDefault");
	cJSON *own = add_object(b, container, "securityContext");
	add_bool(b, own, "allowPrivilegeEscalation", false);
	append_text(b, add_array(b, add_object(b, own, "capabilities"), "drop"), "ALL");
}

static void add_resources(builder *b, const k8s_plan *plan, cJSON *container)
{
	cJSON *resources = add_object(b, container, "resources");
	cJSON *limits = add_object(b, resources, "limits");
	cJSON *requests = add_object(b, resources, "requests");
	add_copy(b, limits, "memory", plan->payload);
	add_copy(b, limits, "cpu", plan->payload);
	add_copy(b, requests, "memory", plan->payload);
	add_copy(b, requests, "cpu", plan->payload);
}

static void add_container(builder *b, const k8s_plan *plan, cJSON *pod)
{
	const char *image = ss_json_string(plan->spec, "baseImage");
	cJSON *container = append_object(b, add_array(b, pod, "containers"));
	add_text(b, container, "name", "desktop");
	add_text(b, container, "image", image == NULL ? "" : image);
	cJSON *port = append_object(b, add_array(b, container, "ports"));
	add_text(b, port, "name", "vnc");
	add_text(b, port, "protocol", "TCP");
	add_number(b, port, "containerPort", plan->port);
	cJSON *probe = add_object(b, container, "readinessProbe");
	add_number(b, add_object(b, probe, "tcpSocket"), "port", plan->port);
	add_number(b, probe, "periodSeconds", 2);
	add_environment(b, plan, container);
	add_resources(b, plan, container);
	add_volumes(b, plan, pod, container);
	add_security(b, pod, container);
}

cJSON *k8s_object_deployment(const k8s_plan *plan, const char *uid, int replicas, ss_error *err)
{
	builder b;
	cJSON *meta = begin(&b, plan, plan->id, uid, true, true);
	/* Not in the pod's labels: there it would restart what runs. */
	if (*plan->home != '\0')
		add_text(&b, cJSON_GetObjectItemCaseSensitive(meta, "labels"), K8S_LABEL_HOME, plan->home);
	cJSON *spec = add_object(&b, b.root, "spec");
	add_number(&b, spec, "replicas", replicas);
	add_number(&b, spec, "revisionHistoryLimit", 1);
	/* The home can be mounted once, and a session runs once. */
	add_text(&b, add_object(&b, spec, "strategy"), "type", "Recreate");
	add_text(&b, add_object(&b, add_object(&b, spec, "selector"), "matchLabels"), K8S_LABEL_SESSION,
		plan->id);
	cJSON *template = add_object(&b, spec, "template");
	add_identity(&b, plan, add_object(&b, add_object(&b, template, "metadata"), "labels"));
	cJSON *pod = add_object(&b, template, "spec");
	add_bool(&b, pod, "automountServiceAccountToken", false);
	add_bool(&b, pod, "enableServiceLinks", false);
	add_container(&b, plan, pod);
	/* A template that is no longer allowed still goes to sleep. */
	ss_error refusal = SS_ERROR_INIT;
	if (!b.failed && k8s_policy_add(&plan->driver->policy, plan->spec, pod, &refusal) < 0 &&
		replicas > 0)
	{
		cJSON_Delete(b.root);
		*err = refusal;
		return NULL;
	}
	return finish(&b, err);
}
