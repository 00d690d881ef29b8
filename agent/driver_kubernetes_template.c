/*
 * The Template resource of a template; how the spec of a Session or Template is kept as we wrote
 * it, and the hash by which we see that it is not. Any thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/driver_kubernetes.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/strbuf.h"

/*
 * The fields of the resource. The database's document may hold more; the API server would refuse
 * an apply with a field that it does not know. `fallback` is the default of the resource
 * definition, which we write ourselves, so that the spec reads back as it was written.
 */
typedef struct field
{
	const char *name;
	const struct field *members; /* of the object, or of each item of the array */
	const char *fallback;        /* JSON */
} field;

static const field port_fields[] = {
	{"name", NULL, NULL}, {"containerPort", NULL, NULL}, {"protocol", NULL, "\"TCP\""}, {0}};
static const field env_fields[] = {{"name", NULL, NULL}, {"value", NULL, NULL}, {0}};
static const field mount_fields[] = {{"name", NULL, NULL}, {"mountPath", NULL, NULL}, {0}};
static const field vnc_fields[] = {{"enabled", NULL, "true"}, {"port", NULL, NULL}, {0}};
static const field older_vnc_fields[] = {{"enabled", NULL, NULL}, {"port", NULL, NULL}, {0}};
static const field resource_fields[] = {{"memory", NULL, NULL}, {"cpu", NULL, NULL}, {0}};
static const field bound_fields[] = {
	{"default", NULL, NULL}, {"min", NULL, NULL}, {"max", NULL, NULL}, {0}};
static const field bounds_fields[] = {
	{"cpu", bound_fields, NULL}, {"memory", bound_fields, NULL}, {0}};
static const field pod_fields[] = {{"nodeSelector", NULL, NULL}, {"runtimeClassName", NULL, NULL},
	{"priorityClassName", NULL, NULL}, {"imagePullSecrets", NULL, NULL}, {0}};
static const field placement_fields[] = {{"region", NULL, NULL}, {"labels", NULL, NULL}, {0}};
static const field retry_fields[] = {{"attempts", NULL, NULL}, {"backoffSeconds", NULL, NULL},
	{"maxBackoffSeconds", NULL, NULL}, {0}};
static const field parameter_fields[] = {
	{"name", NULL, NULL},
	{"type", NULL, NULL},
	{"label", NULL, NULL},
	{"description", NULL, NULL},
	{"default", NULL, NULL},
	{"required", NULL, NULL},
	{"min", NULL, NULL},
	{"max", NULL, NULL},
	{"minLength", NULL, NULL},
	{"maxLength", NULL, NULL},
	{"pattern", NULL, NULL},
	{"values", NULL, NULL},
	{"env", NULL, NULL},
	{0},
};
static const field template_fields[] = {
	{"displayName", NULL, NULL},
	{"description", NULL, NULL},
	{"category", NULL, NULL},
	{"icon", NULL, NULL},
	{"baseImage", NULL, NULL},
	{"platforms", NULL, NULL},
	{"command", NULL, NULL},
	{"network", NULL, NULL},
	{"resolution", NULL, NULL},
	{"persistentHome", NULL, NULL},
	{"defaultResources", resource_fields, NULL},
	{"ports", port_fields, NULL},
	{"env", env_fields, NULL},
	{"volumeMounts", mount_fields, NULL},
	{"vnc", vnc_fields, NULL},
	{"kasmvnc", older_vnc_fields, NULL},
	{"capabilities", NULL, NULL},
	{"tags", NULL, NULL},
	{"parameters", parameter_fields, NULL},
	{"resources", bounds_fields, NULL},
	{"placement", placement_fields, NULL},
	{"pod", pod_fields, NULL},
	{"idleTimeout", NULL, NULL},
	{"maxSessionDuration", NULL, NULL},
	{"retry", retry_fields, NULL},
	{0},
};

static cJSON *copy_value(const cJSON *from, const field *members);

static cJSON *copy_object(const cJSON *from, const field *members)
{
	cJSON *object = cJSON_CreateObject();
	for (const field *one = members; one->name != NULL; one++)
	{
		const cJSON *value = ss_json_get(from, one->name);
		cJSON *copied = NULL;
		if (value != NULL && !cJSON_IsNull(value))
			copied = copy_value(value, one->members);
		else if (one->fallback != NULL)
			copied = cJSON_Parse(one->fallback);
		else
			continue;
		if (copied == NULL || !cJSON_AddItemToObject(object, one->name, copied))
		{
			cJSON_Delete(copied);
			cJSON_Delete(object);
			return NULL;
		}
	}
	return object;
}

static cJSON *copy_value(const cJSON *from, const field *members)
{
	if (members == NULL || (!cJSON_IsObject(from) && !cJSON_IsArray(from)))
		return cJSON_Duplicate(from, true);
	if (cJSON_IsObject(from))
		return copy_object(from, members);
	cJSON *array = cJSON_CreateArray();
	const cJSON *item;
	cJSON_ArrayForEach(item, from)
	{
		cJSON *copied = copy_value(item, members);
		if (copied == NULL || !cJSON_AddItemToArray(array, copied))
		{
			cJSON_Delete(copied);
			cJSON_Delete(array);
			return NULL;
		}
	}
	return array;
}

cJSON *k8s_object_template(const k8s_plan *plan, const char *name, const char *uid, ss_error *err)
{
	char hash[SS_HEX_SIZE];
	char number[24];
	auto_cjson cJSON *root = cJSON_CreateObject();
	cJSON *meta = cJSON_AddObjectToObject(root, "metadata");
	cJSON *labels = cJSON_AddObjectToObject(meta, "labels");
	cJSON *notes = cJSON_AddObjectToObject(meta, "annotations");
	cJSON *spec = copy_object(plan->spec, template_fields);
	if (spec == NULL || !cJSON_AddItemToObject(root, "spec", spec))
	{
		cJSON_Delete(spec);
		ss_fail(err, "out_of_memory", "no memory for an object");
		return NULL;
	}
	snprintf(number, sizeof(number), "%lld", (long long)plan->revision);
	if (k8s_hash(spec, hash, err) < 0)
		return NULL;
	if (cJSON_AddStringToObject(meta, "name", name) == NULL ||
		(uid != NULL && cJSON_AddStringToObject(meta, "uid", uid) == NULL) ||
		cJSON_AddStringToObject(labels, K8S_LABEL_MANAGER, K8S_MANAGER) == NULL ||
		cJSON_AddStringToObject(labels, K8S_LABEL_INSTALLATION, plan->installation) == NULL ||
		cJSON_AddStringToObject(labels, K8S_LABEL_AGENT, plan->driver->agent_id) == NULL ||
		cJSON_AddStringToObject(labels, K8S_LABEL_REVISION, number) == NULL ||
		cJSON_AddStringToObject(notes, K8S_NOTE_SPEC, hash) == NULL)
	{
		ss_fail(err, "out_of_memory", "no memory for an object");
		return NULL;
	}
	return ss_steal_ptr(root);
}

/* ---- the hash ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

/* The same text for the same value, in whatever order its members stand. */
static void append_canonical(ss_strbuf *buf, const cJSON *value)
{
	const cJSON *item;
	if (cJSON_IsArray(value))
	{
		ss_strbuf_append(buf, "[");
		cJSON_ArrayForEach(item, value)
		{
			append_canonical(buf, item);
			ss_strbuf_append(buf, ",");
		}
		ss_strbuf_append(buf, "]");
		return;
	}
	if (!cJSON_IsObject(value))
	{
		auto_free char *text = ss_json_print(value);
		if (text == NULL)
			buf->failed = true;
		else
			ss_strbuf_append(buf, text);
		return;
	}
	size_t count = (size_t)cJSON_GetArraySize(value);
	auto_free const cJSON **sorted = calloc(count + 1, sizeof(*sorted));
	size_t n = 0;
	if (sorted == NULL)
	{
		buf->failed = true;
		return;
	}
	cJSON_ArrayForEach(item, value) sorted[n++] = item;
	qsort(sorted, n, sizeof(*sorted), by_name);
	ss_strbuf_append(buf, "{");
	for (size_t i = 0; i < n; i++)
	{
		ss_strbuf_append_json(buf, sorted[i]->string);
		ss_strbuf_append(buf, ":");
		append_canonical(buf, sorted[i]);
		ss_strbuf_append(buf, ",");
	}
	ss_strbuf_append(buf, "}");
}

int k8s_hash(const cJSON *value, char ret[SS_HEX_SIZE], ss_error *err)
{
	auto_strbuf ss_strbuf buf = SS_STRBUF_INIT;
	append_canonical(&buf, value);
	if (buf.failed || buf.data == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a hash");
	return ss_sha256_hex(buf.data, buf.len, ret, err);
}

bool k8s_object_has_drifted(const cJSON *object)
{
	char hash[SS_HEX_SIZE];
	ss_error ignored = SS_ERROR_INIT;
	const char *written = kube_annotation(object, K8S_NOTE_SPEC);
	const cJSON *spec = ss_json_object(object, "spec");
	return written == NULL || spec == NULL || k8s_hash(spec, hash, &ignored) < 0 ||
		   strcmp(hash, written) != 0;
}

/* ---- keeping it as written ---- */

/* The merge patch that makes `have` what `want` is, inside two objects; NULL: no memory. */
static cJSON *difference(const cJSON *want, const cJSON *have)
{
	cJSON *patch = cJSON_CreateObject();
	const cJSON *item;
	cJSON_ArrayForEach(item, have)
	{
		const cJSON *ours = cJSON_GetObjectItemCaseSensitive(want, item->string);
		cJSON *part = NULL;
		if (ours == NULL)
			part = cJSON_CreateNull();
		else if (cJSON_Compare(ours, item, true))
			continue;
		else if (cJSON_IsObject(ours) && cJSON_IsObject(item))
			part = difference(ours, item);
		else
			part = cJSON_Duplicate(ours, true);
		if (part == NULL || !cJSON_AddItemToObject(patch, item->string, part))
		{
			cJSON_Delete(part);
			cJSON_Delete(patch);
			return NULL;
		}
	}
	return patch;
}

int k8s_object_apply(
	const kube_scope *scope, const kube_kind *kind, cJSON *document, cJSON **ret, ss_error *err)
{
	auto_cjson cJSON *now = NULL;
	if (kube_apply(scope, kind, NULL, document, &now, err) < 0)
		return -1;
	if (k8s_object_has_drifted(now))
	{
		/* An apply leaves the fields of other managers; in a projection they would be lies. */
		auto_cjson cJSON *patch = cJSON_CreateObject();
		cJSON *meta = cJSON_AddObjectToObject(patch, "metadata");
		cJSON *spec = difference(ss_json_object(document, "spec"), ss_json_object(now, "spec"));
		if (cJSON_AddStringToObject(meta, "uid", kube_uid(now)) == NULL || spec == NULL ||
			!cJSON_AddItemToObject(patch, "spec", spec))
		{
			cJSON_Delete(spec);
			return ss_fail(err, "out_of_memory", "no memory for a patch");
		}
		if (kube_merge(scope, kind, kube_name(now), patch, err) < 0)
			return -1;
	}
	if (ret != NULL)
		*ret = ss_steal_ptr(now);
	return 0;
}
