/*
 * Where pods may run, and with what: the agent's policy and the wishes of templates. Read once at
 * start, constant after that; any thread.
 *
 * The agent's node selector and tolerations stand in every pod; a template narrows the selector
 * and changes nothing of it. Runtime class, priority class and pull secrets are lists of what
 * templates may ask for; the first of each is what pods get whose template asks for none, and an
 * empty first entry means none.
 */
#include <stdio.h>
#include <string.h>

#include "agent/driver_kubernetes.h"
#include "agent/kube_config.h"
#include "common/cleanup.h"
#include "common/json.h"

#define FILE_MAX ((size_t)65536)
#define TOLERATIONS_MAX 32
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789.-"
#define LABEL_CHARS NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZ_/"

static int invalid(ss_error *err, const char *option, const char *what)
{
	return ss_fail(err, "invalid_option", "%s: %s", option, what);
}

static bool consists_of(const char *text, size_t len, size_t max, const char *chars)
{
	return len <= max && strspn(text, chars) >= len;
}

/* ---- reading ---- */

static int read_selector(const char *text, cJSON **ret, ss_error *err)
{
	auto_cjson cJSON *selector = cJSON_CreateObject();
	auto_free char *copy = strdup(text == NULL ? "" : text);
	char *rest = NULL;
	if (selector == NULL || copy == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a policy");
	for (char *pair = strtok_r(copy, ",", &rest); pair != NULL; pair = strtok_r(NULL, ",", &rest))
	{
		char *value = strchr(pair, '=');
		if (value == NULL || value == pair)
			return invalid(err, "node_selector", "labels are KEY=VALUE, separated by commas");
		*value++ = '\0';
		if (!consists_of(pair, strlen(pair), 317, LABEL_CHARS) ||
			!consists_of(value, strlen(value), 63, LABEL_CHARS) ||
			cJSON_GetObjectItemCaseSensitive(selector, pair) != NULL)
			return invalid(err, "node_selector", "a label is none, or stands there twice");
		if (cJSON_AddStringToObject(selector, pair, value) == NULL)
			return ss_fail(err, "out_of_memory", "no memory for a policy");
	}
	*ret = ss_steal_ptr(selector);
	return 0;
}

static bool is_toleration(const cJSON *item)
{
	static const char *const known[] = {
		"key", "operator", "value", "effect", "tolerationSeconds", NULL};
	const cJSON *member;
	if (!cJSON_IsObject(item))
		return false;
	cJSON_ArrayForEach(member, item)
	{
		size_t i = 0;
		while (known[i] != NULL && strcmp(known[i], member->string) != 0)
			i++;
		if (known[i] == NULL || (i == 4 ? !cJSON_IsNumber(member) : !cJSON_IsString(member)))
			return false;
	}
	return true;
}

/* {"tolerations": [...]} or the list alone would be two ways; the parser takes objects. */
static int read_tolerations(const char *path, cJSON **ret, ss_error *err)
{
	auto_free char *text = NULL;
	auto_cjson cJSON *root = NULL;
	size_t len = 0;
	if (path == NULL || *path == '\0')
		return 0;
	if (kube_file_read(path, FILE_MAX, &text, &len, err) < 0)
		return ss_wrap(err, "tolerations");
	if (ss_json_parse(text, len, FILE_MAX, &root, NULL, 0, err) < 0)
		return invalid(err, "tolerations", "the file holds no JSON object");
	cJSON *list = cJSON_DetachItemFromObjectCaseSensitive(root, "tolerations");
	const cJSON *item;
	bool good = cJSON_IsArray(list) && cJSON_GetArraySize(list) <= TOLERATIONS_MAX;
	cJSON_ArrayForEach(item, list)
	{
		good &= is_toleration(item);
	}
	if (!good)
	{
		cJSON_Delete(list);
		return invalid(err, "tolerations",
			"the file holds {\"tolerations\": [...]}, at most 32, with key, operator, value, "
			"effect "
			"and tolerationSeconds");
	}
	*ret = list;
	return 0;
}

static int check_names(const char *option, const char *list, ss_error *err)
{
	for (const char *at = list; at != NULL && *at != '\0';)
	{
		size_t len = strcspn(at, ",");
		if (!consists_of(at, len, 253, NAME_CHARS) || (len == 0 && at != list))
			return invalid(err, option, "names of objects, separated by commas, are allowed");
		at += len + (at[len] == ',');
	}
	return 0;
}

int k8s_policy_open(const agent_options *options, k8s_policy *ret, ss_error *err)
{
	ret->runtime_classes = options->runtime_classes;
	ret->priority_classes = options->priority_classes;
	ret->pull_secrets = options->pull_secrets;
	if (check_names("runtime_classes", ret->runtime_classes, err) < 0 ||
		check_names("priority_classes", ret->priority_classes, err) < 0 ||
		check_names("pull_secrets", ret->pull_secrets, err) < 0 ||
		read_selector(options->node_selector, &ret->node_selector, err) < 0)
		return -1;
	return read_tolerations(options->tolerations, &ret->tolerations, err);
}

void k8s_policy_done(k8s_policy *policy)
{
	cJSON_Delete(policy->node_selector);
	cJSON_Delete(policy->tolerations);
	*policy = (k8s_policy){0};
}

/* ---- applying ---- */

static bool is_listed(const char *list, const char *name)
{
	size_t want = strlen(name);
	for (const char *at = list; want > 0 && at != NULL && *at != '\0';)
	{
		size_t len = strcspn(at, ",");
		if (len == want && strncmp(at, name, len) == 0)
			return true;
		at += len + (at[len] == ',');
	}
	return false;
}

static int out_of_memory(ss_error *err)
{
	return ss_fail(err, "out_of_memory", "no memory for a pod");
}

static int refuse(ss_error *err, const char *code, const char *what, const char *name)
{
	ss_fail(err, code, "the agent allows no pods with %s %.253s", what, name);
	return ss_error_set_hint(err, "name another one in the template, or let the agent allow it");
}

/* What the template asks for, if it is listed, else the first of the list; "" = none. */
static int choose(const char *list, const char *wanted, const char *code, const char *what,
	char ret[K8S_NAME_SIZE], ss_error *err)
{
	size_t len = list == NULL ? 0 : strcspn(list, ",");
	if (wanted != NULL && !is_listed(list, wanted))
		return refuse(err, code, what, wanted);
	if (wanted != NULL)
		snprintf(ret, K8S_NAME_SIZE, "%s", wanted);
	else
		snprintf(ret, K8S_NAME_SIZE, "%.*s", (int)len, list == NULL ? "" : list);
	return 0;
}

static int add_class(cJSON *pod, const char *key, const char *list, const char *wanted,
	const char *code, const char *what, ss_error *err)
{
	char name[K8S_NAME_SIZE];
	if (choose(list, wanted, code, what, name, err) < 0)
		return -1;
	if (*name != '\0' && cJSON_AddStringToObject(pod, key, name) == NULL)
		return out_of_memory(err);
	return 0;
}

static int add_secret(cJSON *list, const char *name, ss_error *err)
{
	cJSON *reference = cJSON_CreateObject();
	if (cJSON_AddStringToObject(reference, "name", name) == NULL ||
		!cJSON_AddItemToArray(list, reference))
	{
		cJSON_Delete(reference);
		return out_of_memory(err);
	}
	return 0;
}

static int add_secrets(const k8s_policy *policy, const cJSON *wishes, cJSON *pod, ss_error *err)
{
	const cJSON *wanted = ss_json_array(wishes, "imagePullSecrets");
	const cJSON *item;
	char name[K8S_NAME_SIZE] = "";
	if (wanted == NULL && choose(policy->pull_secrets, NULL, "", "", name, err) < 0)
		return -1;
	if (cJSON_GetArraySize(wanted) == 0 && *name == '\0')
		return 0;
	cJSON *list = cJSON_AddArrayToObject(pod, "imagePullSecrets");
	if (list == NULL)
		return out_of_memory(err);
	if (wanted == NULL)
		return add_secret(list, name, err);
	cJSON_ArrayForEach(item, wanted)
	{
		const char *one = cJSON_GetStringValue(item);
		if (one == NULL || !is_listed(policy->pull_secrets, one))
			return refuse(
				err, "pull_secret_not_allowed", "the pull secret", one == NULL ? "" : one);
		if (add_secret(list, one, err) < 0)
			return -1;
	}
	return 0;
}

static int add_selector(const k8s_policy *policy, const cJSON *wishes, cJSON *pod, ss_error *err)
{
	const cJSON *wanted = ss_json_object(wishes, "nodeSelector");
	const cJSON *item;
	if (cJSON_GetArraySize(policy->node_selector) + cJSON_GetArraySize(wanted) == 0)
		return 0;
	cJSON *selector = cJSON_Duplicate(policy->node_selector, true);
	if (selector == NULL || !cJSON_AddItemToObject(pod, "nodeSelector", selector))
	{
		cJSON_Delete(selector);
		return out_of_memory(err);
	}
	cJSON_ArrayForEach(item, wanted)
	{
		const char *value = cJSON_GetStringValue(item);
		const char *ours = ss_json_string(selector, item->string);
		if (value == NULL || (ours != NULL && strcmp(ours, value) != 0))
			return refuse(err, "node_selector_conflict", "another node label", item->string);
		if (ours == NULL && cJSON_AddStringToObject(selector, item->string, value) == NULL)
			return out_of_memory(err);
	}
	return 0;
}

int k8s_policy_add(const k8s_policy *policy, const cJSON *spec, cJSON *pod, ss_error *err)
{
	const cJSON *wishes = ss_json_object(spec, "pod");
	if (add_class(pod, "runtimeClassName", policy->runtime_classes,
			ss_json_string(wishes, "runtimeClassName"), "runtime_class_not_allowed",
			"the runtime class", err) < 0 ||
		add_class(pod, "priorityClassName", policy->priority_classes,
			ss_json_string(wishes, "priorityClassName"), "priority_class_not_allowed",
			"the priority class", err) < 0 ||
		add_secrets(policy, wishes, pod, err) < 0 || add_selector(policy, wishes, pod, err) < 0)
		return -1;
	if (policy->tolerations == NULL)
		return 0;
	cJSON *tolerations = cJSON_Duplicate(policy->tolerations, true);
	if (tolerations == NULL || !cJSON_AddItemToObject(pod, "tolerations", tolerations))
	{
		cJSON_Delete(tolerations);
		return out_of_memory(err);
	}
	return 0;
}

int k8s_policy_check(const k8s_policy *policy, const cJSON *spec, ss_error *err)
{
	auto_cjson cJSON *pod = cJSON_CreateObject();
	return pod == NULL ? out_of_memory(err) : k8s_policy_add(policy, spec, pod, err);
}
