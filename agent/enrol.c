/* enrol: registers the agent and reads what the control plane decided. Connection thread. */
#include "agent/enrol.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/wire.h"
#include "common/cleanup.h"
#include "common/http.h"
#include "common/json.h"
#include "common/version.h"

#define ANSWER_MAX 65536

static char *print_body(const agent_options *options, const agent_identity *identity)
{
	auto_cjson cJSON *body = cJSON_CreateObject();
	char host[256] = "";

	(void)gethostname(host, sizeof host - 1);
	cJSON_AddStringToObject(body, "agentId", options->agent_id);
	cJSON_AddStringToObject(body, "platform", options->platform);
	if (options->region != NULL && options->region[0] != '\0')
		cJSON_AddStringToObject(body, "region", options->region);
	cJSON *capacity = cJSON_AddObjectToObject(body, "capacity");
	cJSON_AddNumberToObject(capacity, "maxSessions", (double)options->max_sessions);
	cJSON *metadata = cJSON_AddObjectToObject(body, "metadata");
	cJSON_AddStringToObject(metadata, "hostname", host);
	cJSON_AddStringToObject(metadata, "version", ss_version());
	cJSON_AddNumberToObject(body, "protocolVersion", WIRE_PROTOCOL_VERSION);
	if (cJSON_AddStringToObject(body, "keyHash", identity->hash) == NULL)
		return NULL;
	return ss_json_print(body);
}

/* What the answer says, by status and code. 1: this key is not known there. */
static int read_answer(const ss_http_response *answer, enrol_status *ret, ss_error *err)
{
	auto_cjson cJSON *body = NULL;
	ss_error ignored = SS_ERROR_INIT;

	if (answer->status == 401)
		return 1;
	if (ss_json_parse(answer->body, answer->body_len, ANSWER_MAX, &body, NULL, 0, &ignored) < 0)
		body = NULL;
	const char *code = ss_json_string(body, "code");
	if (answer->status >= 200 && answer->status < 300)
	{
		const char *approval = ss_json_string(body, "approval_status");
		if (approval == NULL)
			approval = ss_json_string(body, "approvalStatus");
		if (approval == NULL)
			approval = ss_json_string(ss_json_object(body, "agent"), "approval");
		*ret = approval != NULL && strcmp(approval, "rejected") == 0  ? ENROL_REJECTED
			   : approval != NULL && strcmp(approval, "pending") == 0 ? ENROL_PENDING
			   : answer->status == 202                                ? ENROL_PENDING
																	  : ENROL_APPROVED;
		return 0;
	}
	if (code != NULL && strcmp(code, "agent_rejected") == 0)
	{
		*ret = ENROL_REJECTED;
		return 0;
	}
	if (code != NULL && strcmp(code, "approval_required") == 0)
	{
		*ret = ENROL_PENDING;
		return 0;
	}
	const char *title = ss_json_string(body, "title");
	(void)ss_fail(err, "registration_refused", "the control plane answered %ld %.100s",
		answer->status, title != NULL ? title : "");
	return ss_error_set_detail(err, "%.100s", code != NULL ? code : "");
}

static int post(const agent_options *options, const agent_url *url, const agent_identity *identity,
	const char *key, enrol_status *ret, ss_error *err)
{
	char address[1024];
	char header[SS_HEX_SIZE + 32];
	ss_http_response answer = {0};
	auto_free char *body = print_body(options, identity);

	if (body == NULL)
		return ss_fail(err, "out_of_memory", "no memory for the registration");
	if (agent_url_http(url, "/api/v1/agents/register", address, sizeof address) == NULL)
		return ss_fail(err, "invalid_option", "control_plane_url is too long");
	snprintf(header, sizeof header, "X-Agent-API-Key: %s", key);
	ss_http_request request = {
		.method = "POST",
		.url = address,
		.headers = (const char *const[]){header, "Content-Type: application/json", NULL},
		.body = body,
		.body_len = strlen(body),
		.ca_file = options->ca_file != NULL && *options->ca_file ? options->ca_file : NULL,
		.connect_timeout_ms = 5000,
		.timeout_ms = 10000,
		.max_response = ANSWER_MAX,
	};
	int result = ss_http_perform(&request, &answer, err);
	ss_crypto_wipe(header, sizeof header);
	if (result < 0)
		return ss_wrap(err, "register");
	result = read_answer(&answer, ret, err);
	ss_http_response_done(&answer);
	return result;
}

static bool is_given(const char *path)
{
	return path != NULL && path[0] != '\0';
}

/* With the key of a file. */
static int post_with(const agent_options *options, const agent_url *url,
	const agent_identity *identity, const char *path, enrol_status *ret, ss_error *err)
{
	char key[SS_HEX_SIZE];

	if (agent_identity_read_key(path, key, err) < 0)
		return -1;
	int result = post(options, url, identity, key, ret, err);
	ss_crypto_wipe(key, sizeof key);
	return result;
}

int enrol_register(const agent_options *options, const agent_url *url, agent_identity *identity,
	enrol_status *ret, ss_error *err)
{
	bool token = is_given(options->enrolment_token_file);
	bool bootstrap = is_given(options->bootstrap_key_file);
	int result = 1;

	if (identity->registered)
		result = post(options, url, identity, identity->key, ret, err);
	if (result == 1 && token)
	{
		result = post_with(options, url, identity, options->enrolment_token_file, ret, err);
		/* Used: perhaps by this very key, and the answer was lost. */
		if (result == 1 && !identity->registered)
			result = post(options, url, identity, identity->key, ret, err);
	}
	if (result == 1 && bootstrap)
		result = post_with(options, url, identity, options->bootstrap_key_file, ret, err);
	if (result == 1 && !token && !bootstrap)
		return ss_fail(err, "key_unknown",
			"the control plane does not know this agent's key and there is neither an "
			"enrolment_token_file nor a bootstrap_key_file to register with");
	if (result == 1 && token && !bootstrap)
	{
		ss_fail(err, "token_refused",
			"the control plane does not know this agent's key, and the one-time token is used, "
			"expired, revoked or another agent's");
		return ss_error_set_hint(err, "make a new token with create_agent_token");
	}
	if (result == 1)
		return ss_fail(err, "registration_refused", "the control plane knows none of the keys");
	if (result < 0)
		return -1;
	return agent_identity_set_registered(identity, err);
}
