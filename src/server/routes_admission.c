/* routes_admission: limits, where sessions may run, and which do not go on. Constant data. */
#include "server/rest_steps.h"
#include "server/routes.h"

static const route_field q_quotas[] = {
	{"scope", ROUTE_STRING, true},
	{"org", ROUTE_STRING, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field q_stuck[] = {
	{"why", ROUTE_STRING, false},
	{"org", ROUTE_STRING, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_placement[] = {
	{"template", ROUTE_STRING, true},
	{"owner", ROUTE_STRING, false},
	{"org", ROUTE_STRING, false},
	{"resources", ROUTE_OBJECT, false},
	{"placement", ROUTE_OBJECT, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_agent[] = {
	{"labels", ROUTE_OBJECT, false},
	{"orgs", ROUTE_STRINGS, false},
	{"draining", ROUTE_BOOL, false},
	{"max_sessions", ROUTE_INT, false},
	{"max_millicores", ROUTE_INT, false},
	{"max_memory_mib", ROUTE_INT, false},
	ROUTE_END_OF_FIELDS,
};

static const route rows[] = {
	{"list_quotas", "GET", "/api/v1/quotas", ROUTE_AUTH_BEARER, ROUTE_READS, 200, q_quotas, NULL,
		rest_list_quotas},
	{"get_org_quota", "GET", "/api/v1/orgs/{name}/quota", ROUTE_AUTH_BEARER, ROUTE_READS, 200, NULL,
		NULL, rest_get_org_quota},
	{"put_org_quota", "PUT", "/api/v1/orgs/{name}/quota", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES | ROUTE_FREE_BODY, 200, NULL, NULL, rest_put_org_quota},
	{"get_default_quota", "GET", "/api/v1/orgs/{name}/user-quota", ROUTE_AUTH_BEARER, ROUTE_READS,
		200, NULL, NULL, rest_get_default_quota},
	{"put_default_quota", "PUT", "/api/v1/orgs/{name}/user-quota", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES | ROUTE_FREE_BODY, 200, NULL, NULL, rest_put_default_quota},
	{"get_group_quota", "GET", "/api/v1/groups/{name}/quota", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		route_query_org, NULL, rest_get_group_quota},
	{"put_group_quota", "PUT", "/api/v1/groups/{name}/quota", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES | ROUTE_FREE_BODY, 200, route_query_org, NULL, rest_put_group_quota},
	{"get_user_quota", "GET", "/api/v1/users/{name}/quota", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		route_query_org, NULL, rest_get_user_quota},
	{"put_user_quota", "PUT", "/api/v1/users/{name}/quota", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES | ROUTE_FREE_BODY, 200, route_query_org, NULL, rest_put_user_quota},
	{"explain_placement", "POST", "/api/v1/placement:explain", ROUTE_AUTH_BEARER,
		ROUTE_READS | ROUTE_ASKS, 200, NULL, b_placement, rest_explain_placement},
	{"get_placement", "GET", "/api/v1/sessions/{id}/placement", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		NULL, NULL, rest_get_placement},
	{"list_stuck", "GET", "/api/v1/stuck", ROUTE_AUTH_BEARER, ROUTE_READS, 200, q_stuck, NULL,
		rest_list_stuck},
	{"get_agent", "GET", "/api/v1/agents/{id}", ROUTE_AUTH_BEARER, ROUTE_READS, 200, NULL, NULL,
		rest_get_agent},
	{"set_agent", "PATCH", "/api/v1/agents/{id}", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 200, NULL,
		b_agent, rest_set_agent},
};

const route_area routes_admission = ROUTE_AREA(rows);
