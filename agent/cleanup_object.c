/* What of one agent stands in the cluster, and the marks of the cleanup on it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/cleanup.h"
#include "agent/driver_kubernetes.h"
#include "agent/wire.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/timeutil.h"

#define OUR_NOTES "stream.space/"
#define LIST_TRIES 3

/*
 * The kinds that the agent makes, compute first. Homes are not among them: whether a home is kept
 * is decided by the database alone, and the cleanup has no right to look at one.
 */
static const struct
{
	const kube_kind *kind;
	const char *set_kind;
	bool owned; /* by the ConfigMap of the installation */
} kinds[] = {
	{&kube_deployment, "session", true},
	{&kube_service, "session", true},
	{&kube_session, "session", false},
	{&kube_template, "template", false},
};

/* Members of an object that say what it is; what controllers write beside them does not count. */
static int hash_content(const cJSON *object, char ret[SS_HEX_SIZE], ss_error *err)
{
	const cJSON *meta = ss_json_object(object, "metadata");
	auto_cjson cJSON *content = cJSON_CreateObject();
	cJSON *notes = cJSON_AddObjectToObject(content, "annotations");
	static const char *const members[] = {"labels", "ownerReferences", "finalizers"};
	bool good = notes != NULL;
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
	{
		const cJSON *member = ss_json_get(meta, members[i]);
		if (member != NULL)
			good &= cJSON_AddItemToObject(content, members[i], cJSON_Duplicate(member, true));
	}
	const cJSON *spec = ss_json_object(object, "spec");
	if (spec != NULL)
		good &= cJSON_AddItemToObject(content, "spec", cJSON_Duplicate(spec, true));
	const cJSON *note;
	cJSON_ArrayForEach(note, ss_json_object(meta, "annotations"))
	{
		if (strncmp(note->string, OUR_NOTES, strlen(OUR_NOTES)) == 0 &&
			strcmp(note->string, CLEANUP_NOTE) != 0)
			good &= cJSON_AddItemToObject(notes, note->string, cJSON_Duplicate(note, true));
	}
	return good ? k8s_hash(content, ret, err)
				: ss_fail(err, "out_of_memory", "no memory for an object");
}

/* A mark that cannot be read is none: the object is marked anew, and its day begins again. */
static void read_mark(const char *text, cleanup_mark *ret)
{
	auto_cjson cJSON *mark = NULL;
	ss_error ignored = SS_ERROR_INIT;
	cleanup_mark one = {0};
	if (text == NULL || ss_json_parse(text, strlen(text), 1024, &mark, NULL, 0, &ignored) < 0)
		return;
	const char *at = ss_json_string(mark, "at");
	const char *run = ss_json_string(mark, "run");
	const char *content = ss_json_string(mark, "content");
	if (at == NULL || run == NULL || !ss_hex_is_token(content) || strlen(run) >= sizeof(one.run) ||
		ss_json_int(mark, "generation", &one.generation) != 0 ||
		ss_json_int(mark, "epoch", &one.epoch) != 0 || (one.at_ms = wire_parse_time(at)) < 0)
		return;
	one.there = true;
	snprintf(one.run, sizeof(one.run), "%s", run);
	snprintf(one.content, sizeof(one.content), "%s", content);
	*ret = one;
}

typedef struct reading
{
	cleanup_cluster *cluster;
	const char *agent_id;
	size_t kind;
	cleanup_object *first; /* of this kind */
} reading;

static bool label_is(const cJSON *object, const char *key, const char *want)
{
	return k8s_is(kube_label(object, key), want);
}

/* What says that an object with our agent's label is not ours; NULL: nothing. */
static const char *find_fault(const reading *read, const cJSON *object)
{
	bool session = strcmp(kinds[read->kind].set_kind, "session") == 0;
	if (!label_is(object, K8S_LABEL_MANAGER, K8S_MANAGER))
		return K8S_LABEL_MANAGER;
	if (!label_is(object, K8S_LABEL_AGENT, read->agent_id))
		return K8S_LABEL_AGENT;
	if (!label_is(object, K8S_LABEL_INSTALLATION, read->cluster->installation))
		return K8S_LABEL_INSTALLATION;
	if (session && !label_is(object, K8S_LABEL_SESSION, kube_name(object)))
		return K8S_LABEL_SESSION;
	if (kinds[read->kind].owned && !k8s_owner_is(object, read->cluster->owner_uid))
		return "ownerReferences";
	return NULL;
}

static int take(void *ctx, cJSON *items, cJSON *item, ss_error *err)
{
	reading *read = ctx;
	const char *created = ss_json_string(ss_json_object(item, "metadata"), "creationTimestamp");
	(void)items;
	cleanup_object *one = calloc(1, sizeof(*one));
	if (one == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a list");
	one->next = read->first;
	read->first = one;
	one->kind = kinds[read->kind].kind;
	one->set_kind = kinds[read->kind].set_kind;
	snprintf(one->name, sizeof(one->name), "%s", kube_name(item));
	snprintf(one->uid, sizeof(one->uid), "%s", kube_uid(item));
	snprintf(
		one->resource_version, sizeof(one->resource_version), "%s", kube_resource_version(item));
	if (*one->name == '\0' || *one->uid == '\0' || *one->resource_version == '\0')
		return ss_fail(err, "kube_answer_invalid", "a %s without name, uid or resourceVersion",
			one->kind->kind);
	one->leaving = kube_is_deleting(item);
	one->created_ms = created == NULL ? -1 : wire_parse_time(created);
	one->revision = k8s_object_revision(item);
	one->foreign = find_fault(read, item);
	read_mark(kube_annotation(item, CLEANUP_NOTE), &one->mark);
	return hash_content(item, one->content, err);
}

static void free_objects(cleanup_object *first)
{
	while (first != NULL)
	{
		cleanup_object *next = first->next;
		free(first);
		first = next;
	}
}

/* A list that the server forgot half way is read anew from its beginning. */
static int read_kind(const kube_scope *scope, reading *read, ss_error *err)
{
	char selector[K8S_ID_SIZE + sizeof(K8S_LABEL_AGENT)];
	snprintf(selector, sizeof(selector), "%s=%s", K8S_LABEL_AGENT, read->agent_id);
	for (int tries = 1;; tries++)
	{
		ss_error failure = SS_ERROR_INIT;
		read->first = NULL;
		if (kube_list(scope, kinds[read->kind].kind, selector, take, read, NULL, &failure) == 0)
			return 0;
		free_objects(read->first);
		read->first = NULL;
		if (strcmp(failure.code, "kube_gone") != 0 || tries >= LIST_TRIES)
		{
			*err = failure;
			return -1;
		}
	}
}

static int read_owner(const kube_scope *scope, cleanup_cluster *cluster, ss_error *err)
{
	auto_cjson cJSON *object = NULL;
	int rc = kube_get(scope, &kube_config_map, K8S_INSTALLATION, &object, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	const char *id = ss_json_string(ss_json_object(object, "data"), "installationId");
	const char *label = kube_label(object, K8S_LABEL_INSTALLATION);
	snprintf(cluster->installation, sizeof(cluster->installation), "%s", id == NULL ? "" : id);
	snprintf(cluster->label, sizeof(cluster->label), "%s", label == NULL ? "" : label);
	snprintf(cluster->owner_uid, sizeof(cluster->owner_uid), "%s", kube_uid(object));
	return 0;
}

int cleanup_cluster_read(
	const kube_scope *scope, const char *agent_id, cleanup_cluster *ret, ss_error *err)
{
	cleanup_cluster cluster = {0};
	cleanup_object **end = &cluster.objects;
	reading read = {.cluster = &cluster, .agent_id = agent_id};
	if (read_owner(scope, &cluster, err) < 0)
		return ss_wrap(err, "read the cluster");
	for (read.kind = 0; read.kind < sizeof(kinds) / sizeof(*kinds); read.kind++)
	{
		if (read_kind(scope, &read, err) < 0)
		{
			cleanup_cluster_done(&cluster);
			return ss_wrap(err, "read the cluster");
		}
		*end = read.first;
		for (; *end != NULL; end = &(*end)->next)
		{
			cluster.count += (*end)->foreign == NULL;
			cluster.foreign += (*end)->foreign != NULL;
		}
	}
	*ret = cluster;
	return 0;
}

void cleanup_cluster_done(cleanup_cluster *cluster)
{
	free_objects(cluster->objects);
	*cluster = (cleanup_cluster){0};
}

static char *print_mark(const cleanup_mark *mark)
{
	char at[SS_TIME_SIZE];
	auto_cjson cJSON *text = cJSON_CreateObject();
	ss_time_format(mark->at_ms, at);
	cJSON_AddStringToObject(text, "at", at);
	cJSON_AddStringToObject(text, "run", mark->run);
	cJSON_AddNumberToObject(text, "generation", (double)mark->generation);
	cJSON_AddNumberToObject(text, "epoch", (double)mark->epoch);
	if (cJSON_AddStringToObject(text, "content", mark->content) == NULL)
		return NULL;
	return ss_json_print(text);
}

int cleanup_mark_write(
	const kube_scope *scope, const cleanup_object *object, const cleanup_mark *mark, ss_error *err)
{
	auto_free char *text = mark == NULL ? NULL : print_mark(mark);
	auto_cjson cJSON *patch = cJSON_CreateObject();
	cJSON *meta = cJSON_AddObjectToObject(patch, "metadata");
	cJSON *notes = cJSON_AddObjectToObject(meta, "annotations");
	bool good = cJSON_AddStringToObject(meta, "uid", object->uid) != NULL &&
				cJSON_AddStringToObject(meta, "resourceVersion", object->resource_version) != NULL;
	if (mark == NULL)
		good &= cJSON_AddNullToObject(notes, CLEANUP_NOTE) != NULL;
	else
		good &= text != NULL && cJSON_AddStringToObject(notes, CLEANUP_NOTE, text) != NULL;
	if (!good)
		return ss_fail(err, "out_of_memory", "no memory for a mark");
	ss_error failure = SS_ERROR_INIT;
	if (kube_merge(scope, object->kind, object->name, patch, &failure) == 0)
		return 0;
	if (strcmp(failure.code, "kube_conflict") == 0 || strcmp(failure.code, "kube_not_found") == 0)
		return 1;
	*err = failure;
	return -1;
}
