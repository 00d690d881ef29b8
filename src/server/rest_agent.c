/* rest_agent: steps of the routes about agents. */
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/crypto.h"
#include "common/json.h"
#include "ecpg/db_agent.h"
#include "server/request.h"
#include "server/rest_steps.h"

/*
 * The answer to a registration belongs to the agents' protocol, which is camelCase and tells by
 * its status what became of the agent: 201 new, 200 known, 202 awaiting approval.
 */
static rest_next answer_registration(rest_request *r, const char *json, ss_error *err)
{
	auto_cjson cJSON *from = cJSON_Parse(json);
	auto_cjson cJSON *to = cJSON_CreateObject();
	const cJSON *agent = ss_json_object(from, "agent");
	const char *status = ss_json_string(from, "approval_status");
	bool created = false;
	if (agent == NULL || status == NULL || to == NULL ||
		ss_json_bool(from, "created", &created) < 0)
	{
		ss_fail(err, "internal", "register_agent gave an unexpected answer");
		return REST_FAILED;
	}
	bool pending = strcmp(status, "approved") != 0;
	cJSON *shown = cJSON_AddObjectToObject(to, "agent");
	static const char *const names[][2] = {
		{"id", "id"},
		{"id", "agentId"},
		{"platform", "platform"},
		{"region", "region"},
		{"state", "status"},
		{"created_at", "createdAt"},
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
	{
		const char *value = ss_json_string(agent, names[i][0]);
		if (value != NULL)
			cJSON_AddStringToObject(shown, names[i][1], value);
	}
	cJSON_AddStringToObject(shown, "approvalStatus", status);
	cJSON_AddStringToObject(to, "approvalStatus", status);
	cJSON_AddStringToObject(to, "message",
		pending ? "An administrator has to approve this agent." : "The agent may connect.");
	answer_set_json(&r->out, pending ? 202 : created ? 201 : 200, ss_json_print(to));
	return REST_DONE;
}

rest_next rest_register_agent(rest_request *r, db_conn *conn, ss_error *err)
{
	auto_free char *capacity = request_field_json(r, "capacity");
	auto_free char *metadata = request_field_json(r, "metadata");
	auto_free char *json = NULL;
	int rc = db_register_agent(conn, &r->call, request_field(r, "agentId"),
		request_field(r, "platform"), request_field(r, "region"), capacity, metadata,
		request_field_int(r, "protocolVersion"), request_field(r, "keyHash"), &json, err);
	if (rc != 0)
		return rest_pass(r, rc, NULL, err);
	return answer_registration(r, json, err);
}

rest_next rest_list_agents(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_agents(conn, &r->call, request_query(r, "approval"), request_query(r, "state"),
		request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_approve_agent(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_approve_agent(
		conn, &r->call, r->captures[0], request_field(r, "key_prefix"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_reject_agent(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc =
		db_reject_agent(conn, &r->call, r->captures[0], request_field(r, "reason"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_collect_agent_objects(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_collect_agent_objects(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_collect_agent_viewers(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_collect_agent_viewers(
		conn, &r->call, r->captures[0], request_query_int(r, "activity_seconds"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_set_cleanup_key(rest_request *r, db_conn *conn, ss_error *err)
{
	const char *hash = request_field(r, "key_hash");
	char *json = NULL;
	if (!ss_hex_is_token(hash))
	{
		answer_refuse(err, "invalid_argument", "pointer", "/key_hash",
			"A SHA-256 has 64 lower-case hexadecimal digits.");
		return REST_FAILED;
	}
	int rc = db_set_cleanup_key(conn, &r->call, r->captures[0], hash, &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_create_agent_token(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_create_agent_token(
		conn, &r->call, request_field(r, "agent"), request_field(r, "expires_at"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_agent_tokens(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_agent_tokens(conn, &r->call, request_query(r, "agent"),
		request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_revoke_agent_token(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_revoke_agent_token(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}
