/* routes_agents: agents: their own routes and those of their administrators. Constant data. */
#include "server/rest_steps.h"
#include "server/routes.h"

static const route_field q_connect[] = {
	{"agent_id", ROUTE_STRING, false},
	{"instance_id", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
/* camelCase: this body belongs to the agents' protocol. */
static const route_field b_register[] = {
	{"agentId", ROUTE_STRING, true},
	{"platform", ROUTE_STRING, true},
	{"region", ROUTE_STRING, false},
	{"capacity", ROUTE_OBJECT, false},
	{"metadata", ROUTE_OBJECT, false},
	{"protocolVersion", ROUTE_INT, false},
	{"keyHash", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field q_agents[] = {
	{"approval", ROUTE_STRING, false},
	{"state", ROUTE_STRING, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field q_viewers[] = {
	{"activity_seconds", ROUTE_INT, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field q_tokens[] = {
	{"agent", ROUTE_STRING, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_token[] = {
	{"agent", ROUTE_STRING, true},
	{"expires_at", ROUTE_TIME, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_approve[] = {
	{"key_prefix", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_reject[] = {
	{"reason", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_cleanup_key[] = {
	{"key_hash", ROUTE_STRING, true},
	ROUTE_END_OF_FIELDS,
};

static const route rows[] = {
	{"register_agent", "POST", "/api/v1/agents/register", ROUTE_AUTH_AGENT_KEY,
		ROUTE_PUBLIC | ROUTE_ONCE | ROUTE_OPEN_BODY, 201, NULL, b_register, rest_register_agent},
	{"connect_agent", "GET", "/api/v1/agents/connect", ROUTE_AUTH_AGENT_KEY,
		ROUTE_PUBLIC | ROUTE_WEBSOCKET, 101, q_connect, NULL, NULL},
	{"list_agents", "GET", "/api/v1/agents", ROUTE_AUTH_BEARER, ROUTE_READS, 200, q_agents, NULL,
		rest_list_agents},
	{"approve_agent", "POST", "/api/v1/agents/{id}:approve", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 200,
		NULL, b_approve, rest_approve_agent},
	{"reject_agent", "POST", "/api/v1/agents/{id}:reject", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 200,
		NULL, b_reject, rest_reject_agent},
	{"collect_agent_objects", "GET", "/api/v1/agents/{id}/objects", ROUTE_AUTH_AGENT_KEY,
		ROUTE_READS, 200, NULL, NULL, rest_collect_agent_objects},
	{"collect_agent_viewers", "GET", "/api/v1/agents/{id}/viewers", ROUTE_AUTH_AGENT_KEY,
		ROUTE_READS, 200, q_viewers, NULL, rest_collect_agent_viewers},
	{"set_cleanup_key", "PUT", "/api/v1/agents/{id}/cleanup-key", ROUTE_AUTH_BEARER, ROUTE_CHANGES,
		200, NULL, b_cleanup_key, rest_set_cleanup_key},
	{"create_agent_token", "POST", "/api/v1/agent-tokens", ROUTE_AUTH_BEARER, ROUTE_CREATES, 201,
		NULL, b_token, rest_create_agent_token},
	{"list_agent_tokens", "GET", "/api/v1/agent-tokens", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		q_tokens, NULL, rest_list_agent_tokens},
	{"revoke_agent_token", "DELETE", "/api/v1/agent-tokens/{id}", ROUTE_AUTH_BEARER, ROUTE_CHANGES,
		200, NULL, NULL, rest_revoke_agent_token},
};

const route_area routes_agents = ROUTE_AREA(rows);
