/* The verbs that we use. Any thread. */
#include "agent/kube_object.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/strbuf.h"

#define STREAMSPACE_API "stream.space/v1alpha1"
#define PATH_MAX_LEN 4096

const kube_kind kube_session = {STREAMSPACE_API, "sessions", "Session"};
const kube_kind kube_template = {STREAMSPACE_API, "templates", "Template"};
const kube_kind kube_deployment = {"apps/v1", "deployments", "Deployment"};
const kube_kind kube_service = {"v1", "services", "Service"};
const kube_kind kube_claim = {"v1", "persistentvolumeclaims", "PersistentVolumeClaim"};
const kube_kind kube_config_map = {"v1", "configmaps", "ConfigMap"};
const kube_kind kube_pod = {"v1", "pods", "Pod"};
const kube_kind kube_connection = {STREAMSPACE_API, "connections", "Connection"};
const kube_kind kube_secret = {"v1", "secrets", "Secret"};
const kube_kind kube_lease = {"coordination.k8s.io/v1", "leases", "Lease"};
const kube_kind kube_definition = {
	"apiextensions.k8s.io/v1", "customresourcedefinitions", "CustomResourceDefinition"};

static const cJSON *metadata(const cJSON *object)
{
	return ss_json_object(object, "metadata");
}

static const char *or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

const char *kube_name(const cJSON *object)
{
	return or_empty(ss_json_string(metadata(object), "name"));
}

const char *kube_uid(const cJSON *object)
{
	return or_empty(ss_json_string(metadata(object), "uid"));
}

const char *kube_resource_version(const cJSON *object)
{
	return or_empty(ss_json_string(metadata(object), "resourceVersion"));
}

const char *kube_label(const cJSON *object, const char *key)
{
	return ss_json_string(ss_json_object(metadata(object), "labels"), key);
}

const char *kube_annotation(const cJSON *object, const char *key)
{
	return ss_json_string(ss_json_object(metadata(object), "annotations"), key);
}

int64_t kube_generation(const cJSON *object)
{
	long long generation = 0;
	return ss_json_int(metadata(object), "generation", &generation) == 0 ? generation : 0;
}

bool kube_is_deleting(const cJSON *object)
{
	return ss_json_string(metadata(object), "deletionTimestamp") != NULL;
}

void kube_strip(cJSON *object)
{
	cJSON *meta = cJSON_GetObjectItemCaseSensitive(object, "metadata");
	cJSON_DeleteItemFromObjectCaseSensitive(meta, "managedFields");
}

/* Percent-encoding of everything but the unreserved characters (RFC 3986, 2.3). */
static void append_encoded(ss_strbuf *buf, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
	{
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
					 (*p >= '0' && *p <= '9') || strchr("-._~", *p) != NULL;
		if (plain)
			ss_strbuf_append_bytes(buf, p, 1);
		else
			ss_strbuf_appendf(buf, "%%%02X", *p);
	}
}

/* "." and ".." would be taken for steps in a path. */
static bool is_segment(const char *name)
{
	return *name != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

int kube_path(const kube_kind *kind, const char *name_space, const char *name, const char *sub,
	const char *const *query, char **ret, ss_error *err)
{
	auto_strbuf ss_strbuf buf = {.max = PATH_MAX_LEN};
	if ((name_space != NULL && !is_segment(name_space)) || (name != NULL && !is_segment(name)))
		return ss_fail(err, "kube_invalid", "a name is empty or a step in a path");
	ss_strbuf_appendf(
		&buf, "/%s/%s", strchr(kind->api_version, '/') != NULL ? "apis" : "api", kind->api_version);
	if (name_space != NULL)
	{
		ss_strbuf_append(&buf, "/namespaces/");
		append_encoded(&buf, name_space);
	}
	ss_strbuf_appendf(&buf, "/%s", kind->plural);
	if (name != NULL)
	{
		ss_strbuf_append(&buf, "/");
		append_encoded(&buf, name);
	}
	if (sub != NULL)
		ss_strbuf_appendf(&buf, "/%s", sub);
	const char *mark = "?";
	for (; query != NULL && *query != NULL; query += 2)
	{
		ss_strbuf_append(&buf, mark);
		append_encoded(&buf, query[0]);
		ss_strbuf_append(&buf, "=");
		append_encoded(&buf, query[1]);
		mark = "&";
	}
	char *path = ss_strbuf_take(&buf);
	if (path == NULL)
		return ss_fail(err, "kube_invalid", "a path of over %d bytes", PATH_MAX_LEN);
	*ret = path;
	return 0;
}

static int send_request(const kube_scope *scope, const char *method, const char *path,
	const char *type, const cJSON *body, kube_response *ret, ss_error *err)
{
	auto_free char *text = NULL;
	if (body != NULL)
	{
		text = ss_json_print(body);
		if (text == NULL)
			return ss_fail(err, "out_of_memory", "no memory for an object");
	}
	kube_request request = {.method = method,
		.path = path,
		.content_type = type,
		.body = text,
		.deadline_ms = scope->deadline_ms};
	return kube_client_request(scope->client, &request, ret, err);
}

/* Hands the body of a good answer over, or fills *err. */
static int finish(kube_response *response, cJSON **ret, const char *verb, const kube_kind *kind,
	const char *name, ss_error *err)
{
	int rc = 0;
	if (response->status < 200 || response->status > 299)
		rc = kube_client_fail(response, err, "%s %s %s", verb, kind->kind, name);
	else if (ret != NULL && !cJSON_IsObject(response->body))
		rc = ss_fail(err, "kube_answer_invalid", "%s %s %s: no object", verb, kind->kind, name);
	else if (ret != NULL)
	{
		kube_strip(response->body);
		*ret = ss_steal_ptr(response->body);
	}
	kube_response_done(response);
	return rc;
}

int kube_get(
	const kube_scope *scope, const kube_kind *kind, const char *name, cJSON **ret, ss_error *err)
{
	auto_free char *path = NULL;
	kube_response response = {0};
	if (kube_path(kind, scope->name_space, name, NULL, NULL, &path, err) < 0 ||
		send_request(scope, "GET", path, NULL, NULL, &response, err) < 0)
		return ss_wrap(err, "get %s %s", kind->kind, name);
	if (response.status == 404)
	{
		kube_response_done(&response);
		return 1;
	}
	return finish(&response, ret, "get", kind, name, err);
}

static int name_kind(const kube_kind *kind, cJSON *object, ss_error *err)
{
	cJSON_DeleteItemFromObjectCaseSensitive(object, "apiVersion");
	cJSON_DeleteItemFromObjectCaseSensitive(object, "kind");
	if (cJSON_AddStringToObject(object, "apiVersion", kind->api_version) == NULL ||
		cJSON_AddStringToObject(object, "kind", kind->kind) == NULL)
		return ss_fail(err, "out_of_memory", "no memory for an object");
	return 0;
}

int kube_apply(const kube_scope *scope, const kube_kind *kind, const char *sub, cJSON *object,
	cJSON **ret, ss_error *err)
{
	return kube_apply_as(scope, kind, sub, KUBE_FIELD_MANAGER, object, ret, err);
}

int kube_replace(
	const kube_scope *scope, const kube_kind *kind, cJSON *object, cJSON **ret, ss_error *err)
{
	static const char *const query[] = {"fieldManager", KUBE_FIELD_MANAGER, NULL};
	const char *name = kube_name(object);
	auto_free char *path = NULL;
	kube_response response = {0};
	if (name_kind(kind, object, err) < 0 ||
		kube_path(kind, scope->name_space, name, NULL, query, &path, err) < 0 ||
		send_request(scope, "PUT", path, "application/json", object, &response, err) < 0)
		return ss_wrap(err, "replace %s %s", kind->kind, name);
	return finish(&response, ret, "replace", kind, name, err);
}

int kube_apply_as(const kube_scope *scope, const kube_kind *kind, const char *sub,
	const char *manager, cJSON *object, cJSON **ret, ss_error *err)
{
	const char *const query[] = {"fieldManager", manager, "force", "true", NULL};
	const char *name = kube_name(object);
	auto_free char *path = NULL;
	kube_response response = {0};
	if (name_kind(kind, object, err) < 0 ||
		kube_path(kind, scope->name_space, name, sub, query, &path, err) < 0 ||
		send_request(scope, "PATCH", path, "application/apply-patch+yaml", object, &response, err) <
			0)
		return ss_wrap(err, "apply %s %s", kind->kind, name);
	return finish(&response, ret, "apply", kind, name, err);
}

int kube_merge(const kube_scope *scope, const kube_kind *kind, const char *name, const cJSON *patch,
	ss_error *err)
{
	static const char *const query[] = {"fieldManager", KUBE_FIELD_MANAGER, NULL};
	auto_free char *path = NULL;
	kube_response response = {0};
	if (kube_path(kind, scope->name_space, name, NULL, query, &path, err) < 0 ||
		send_request(scope, "PATCH", path, "application/merge-patch+json", patch, &response, err) <
			0)
		return ss_wrap(err, "merge %s %s", kind->kind, name);
	return finish(&response, NULL, "merge", kind, name, err);
}

int kube_create(
	const kube_scope *scope, const kube_kind *kind, cJSON *object, cJSON **ret, ss_error *err)
{
	static const char *const query[] = {"fieldManager", KUBE_FIELD_MANAGER, NULL};
	const char *name = kube_name(object);
	auto_free char *path = NULL;
	kube_response response = {0};
	if (name_kind(kind, object, err) < 0 ||
		kube_path(kind, scope->name_space, NULL, NULL, query, &path, err) < 0 ||
		send_request(scope, "POST", path, "application/json", object, &response, err) < 0)
		return ss_wrap(err, "create %s %s", kind->kind, name);
	return finish(&response, ret, "create", kind, name, err);
}

int kube_delete(const kube_scope *scope, const kube_kind *kind, const char *name, const char *uid,
	const char *propagation, ss_error *err)
{
	return kube_delete_exact(scope, kind, name, uid, NULL, propagation, err);
}

int kube_delete_exact(const kube_scope *scope, const kube_kind *kind, const char *name,
	const char *uid, const char *resource_version, const char *propagation, ss_error *err)
{
	auto_free char *path = NULL;
	auto_cjson cJSON *options = cJSON_CreateObject();
	kube_response response = {0};
	cJSON_AddStringToObject(options, "apiVersion", "v1");
	cJSON_AddStringToObject(options, "kind", "DeleteOptions");
	cJSON_AddStringToObject(options, "propagationPolicy", propagation);
	cJSON *conditions = cJSON_AddObjectToObject(options, "preconditions");
	if (cJSON_AddStringToObject(conditions, "uid", uid) == NULL ||
		(resource_version != NULL &&
			cJSON_AddStringToObject(conditions, "resourceVersion", resource_version) == NULL))
		return ss_fail(err, "out_of_memory", "no memory for a request");
	if (kube_path(kind, scope->name_space, name, NULL, NULL, &path, err) < 0 ||
		send_request(scope, "DELETE", path, "application/json", options, &response, err) < 0)
		return ss_wrap(err, "delete %s %s", kind->kind, name);
	/* 409: a precondition failed, so it is not the object that was meant. */
	if (response.status == 404 || response.status == 409)
	{
		kube_response_done(&response);
		return 1;
	}
	return finish(&response, NULL, "delete", kind, name, err);
}

/* One page. *ret is the whole list object. */
static int list_page(const kube_scope *scope, const kube_kind *kind, const char *selector,
	const char *token, cJSON **ret, ss_error *err)
{
	char limit[16];
	const char *query[8] = {"limit", limit};
	size_t n = 2;
	auto_free char *path = NULL;
	kube_response response = {0};
	snprintf(limit, sizeof(limit), "%d", KUBE_LIST_LIMIT);
	if (selector != NULL)
	{
		query[n++] = "labelSelector";
		query[n++] = selector;
	}
	if (token != NULL)
	{
		query[n++] = "continue";
		query[n++] = token;
	}
	query[n] = NULL;
	if (kube_path(kind, scope->name_space, NULL, NULL, query, &path, err) < 0 ||
		send_request(scope, "GET", path, NULL, NULL, &response, err) < 0)
		return ss_wrap(err, "list %s", kind->plural);
	return finish(&response, ret, "list", kind, "page", err);
}

int kube_list(const kube_scope *scope, const kube_kind *kind, const char *selector,
	int (*each)(void *ctx, cJSON *items, cJSON *item, ss_error *err), void *ctx,
	char **ret_resource_version, ss_error *err)
{
	auto_free char *token = NULL;
	for (;;)
	{
		auto_cjson cJSON *page = NULL;
		if (list_page(scope, kind, selector, token, &page, err) < 0)
			return -1;
		cJSON *items = cJSON_GetObjectItemCaseSensitive(page, "items");
		for (cJSON *item = items == NULL ? NULL : items->child; item != NULL;)
		{
			cJSON *next = item->next;
			kube_strip(item);
			if (each(ctx, items, item, err) < 0)
				return -1;
			item = next;
		}
		const char *more = ss_json_string(metadata(page), "continue");
		if (more == NULL || *more == '\0')
		{
			if (ret_resource_version == NULL)
				return 0;
			char *version = strdup(kube_resource_version(page));
			if (version == NULL || *version == '\0')
			{
				free(version);
				return ss_fail(err, "kube_answer_invalid", "a list without resourceVersion");
			}
			*ret_resource_version = version;
			return 0;
		}
		char *copied = strdup(more);
		if (copied == NULL)
			return ss_fail(err, "out_of_memory", "no memory for a list");
		free(token);
		token = copied;
	}
}
