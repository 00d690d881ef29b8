/* What may stand in the cluster: one answer of the control plane, whole or not at all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/cleanup.h"
#include "agent/identity.h"
#include "agent/url.h"
#include "agent/wire.h"
#include "common/cleanup.h"
#include "common/http.h"
#include "common/json.h"

#define ANSWER_MAX ((size_t)64 << 20)
#define ANSWER_MS 120000
#define KEY_SIZE (DRIVER_KIND_SIZE + DRIVER_OBJECT_SIZE)

static int invalid(ss_error *err, const char *what)
{
	return ss_fail(err, "cleanup_set_invalid", "the control plane's answer is not whole: %s", what);
}

/* The code and title of a refusal. */
static int refuse(const ss_http_response *answer, ss_error *err)
{
	auto_cjson cJSON *body = NULL;
	ss_error ignored = SS_ERROR_INIT;
	if (ss_json_parse(answer->body, answer->body_len, 65536, &body, NULL, 0, &ignored) < 0)
		body = NULL;
	const char *code = ss_json_string(body, "code");
	const char *title = ss_json_string(body, "title");
	ss_fail(err, "refused", "the control plane answered %ld %.100s", answer->status,
		title == NULL ? "" : title);
	ss_error_set_detail(err, "%.100s", code == NULL ? "" : code);
	return answer->status != 401 ? -1
								 : ss_error_set_hint(err, "credential_file holds no cleanup key of "
														  "this agent (set_cleanup_key)");
}

static int ask(const agent_options *options, ss_http_response *ret, ss_error *err)
{
	agent_url url;
	char path[256];
	char address[1400];
	char key[SS_HEX_SIZE];
	char header[SS_HEX_SIZE + 32];
	if (options->credential_file == NULL || *options->credential_file == '\0')
		return ss_fail(err, "invalid_option", "credential_file is needed");
	snprintf(path, sizeof(path), "/api/v1/agents/%s/objects", options->agent_id);
	if (agent_url_parse(options->control_plane_url, &url, err) < 0 || ss_http_init(err) < 0)
		return -1;
	if (agent_url_http(&url, path, address, sizeof(address)) == NULL)
		return ss_fail(err, "invalid_option", "control_plane_url is too long");
	if (agent_identity_read_key(options->credential_file, key, err) < 0)
		return ss_wrap(err, "credential_file");
	snprintf(header, sizeof(header), "X-Agent-API-Key: %s", key);
	ss_http_request request = {
		.method = "GET",
		.url = address,
		.headers = (const char *const[]){header, NULL},
		.ca_file = options->ca_file != NULL && *options->ca_file != '\0' ? options->ca_file : NULL,
		.timeout_ms = ANSWER_MS,
		.max_response = ANSWER_MAX,
	};
	int rc = ss_http_perform(&request, ret, err);
	ss_crypto_wipe(key, sizeof(key));
	ss_crypto_wipe(header, sizeof(header));
	return rc < 0 ? ss_wrap(err, "read what may stand in the cluster") : 0;
}

static int add_object(cleanup_set *set, const cJSON *item, ss_error *err)
{
	char key[KEY_SIZE];
	void *old = NULL;
	long long revision = 0;
	const char *kind = ss_json_string(item, "kind");
	const char *id = ss_json_string(item, "id");
	if (kind == NULL || id == NULL || *id == '\0' ||
		ss_json_int(item, "revision", &revision) != 0 || revision < 0 ||
		snprintf(key, sizeof(key), "%s/%s", kind, id) >= (int)sizeof(key))
		return invalid(err, "an object has no kind, id or revision");
	int64_t *value = malloc(sizeof(*value));
	if (value == NULL)
		return ss_fail(err, "out_of_memory", "no memory for a set");
	*value = revision;
	if (kube_map_put(&set->known, key, value, &old, err) < 0)
	{
		free(value);
		return -1;
	}
	free(old);
	return old == NULL ? 0 : invalid(err, "an object stands in it twice");
}

static int take_answer(
	const agent_options *options, const ss_http_response *answer, cleanup_set *set, ss_error *err)
{
	auto_cjson cJSON *body = NULL;
	long long count = -1;
	bool complete = false;
	if (answer->status != 200)
		return refuse(answer, err);
	if (ss_json_parse(answer->body, answer->body_len, ANSWER_MAX, &body, NULL, 0, err) < 0)
		return invalid(err, "it is no JSON object");
	const char *agent = ss_json_string(body, "agent");
	const char *installation = ss_json_string(body, "installation_id");
	const char *read_at = ss_json_string(body, "read_at");
	const cJSON *objects = ss_json_array(body, "objects");
	if (agent == NULL || strcmp(agent, options->agent_id) != 0)
		return invalid(err, "it is about another agent");
	if (installation == NULL || *installation == '\0' ||
		strlen(installation) >= sizeof(set->installation))
		return invalid(err, "it names no installation");
	if (ss_json_int(body, "generation", &set->generation) != 0 || set->generation < 1 ||
		ss_json_int(body, "epoch", &set->epoch) != 0 || set->epoch < 0 || read_at == NULL ||
		(set->read_ms = wire_parse_time(read_at)) < 0)
		return invalid(err, "generation, epoch or read_at is missing");
	if (objects == NULL || ss_json_int(body, "count", &count) != 0 ||
		ss_json_bool(body, "objects_complete", &complete) != 0 || !complete)
		return invalid(err, "its end is missing");
	const cJSON *item;
	cJSON_ArrayForEach(item, objects)
	{
		if (add_object(set, item, err) < 0)
			return -1;
		set->count++;
	}
	if (count < 0 || (size_t)count != set->count)
		return invalid(err, "the number of objects is not the number that it names");
	snprintf(set->installation, sizeof(set->installation), "%s", installation);
	return 0;
}

int cleanup_set_read(const agent_options *options, cleanup_set *ret, ss_error *err)
{
	ss_http_response answer = {0};
	cleanup_set set = {0};
	if (ask(options, &answer, err) < 0)
		return -1;
	int rc = take_answer(options, &answer, &set, err);
	ss_http_response_done(&answer);
	if (rc < 0)
	{
		cleanup_set_done(&set);
		return -1;
	}
	*ret = set;
	return 0;
}

void cleanup_set_done(cleanup_set *set)
{
	kube_map_clear(&set->known, free);
	*set = (cleanup_set){0};
}

int64_t cleanup_set_find(const cleanup_set *set, const char *kind, const char *id)
{
	char key[KEY_SIZE];
	if (snprintf(key, sizeof(key), "%s/%s", kind, id) >= (int)sizeof(key))
		return -1;
	const int64_t *revision = kube_map_get(&set->known, key);
	return revision == NULL ? -1 : *revision;
}
