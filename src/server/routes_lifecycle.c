/* routes_lifecycle: when sessions are stopped, woken and tried again by themselves. Constant data.
 */
#include "server/rest_steps.h"
#include "server/routes.h"

static const route_field q_policies[] = {
	{"scope", ROUTE_STRING, false},
	{"org", ROUTE_STRING, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_extend[] = {
	{"seconds", ROUTE_INT, true},
	ROUTE_END_OF_FIELDS,
};

static const route rows[] = {
	{"retry_session", "POST", "/api/v1/sessions/{id}:retry", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 202,
		NULL, NULL, rest_retry_session},
	{"extend_session", "POST", "/api/v1/sessions/{id}:extend", ROUTE_AUTH_BEARER, ROUTE_CHANGES,
		200, NULL, b_extend, rest_extend_session},
	{"report_activity", "POST", "/api/v1/sessions/{id}:activity", ROUTE_AUTH_BEARER,
		ROUTE_PUBLIC | ROUTE_ONCE, 200, NULL, NULL, rest_report_activity},
	{"session_outlook", "GET", "/api/v1/sessions/{id}/outlook", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		NULL, NULL, rest_session_outlook},
	{"put_schedule", "PUT", "/api/v1/sessions/{id}/schedule", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES | ROUTE_FREE_BODY, 200, NULL, NULL, rest_put_schedule},
	{"get_schedule", "GET", "/api/v1/sessions/{id}/schedule", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		NULL, NULL, rest_get_schedule},
	{"delete_schedule", "DELETE", "/api/v1/sessions/{id}/schedule", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES, 200, NULL, NULL, rest_delete_schedule},
	{"list_schedules", "GET", "/api/v1/schedules", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		route_query_org_page, NULL, rest_list_schedules},
	{"put_session_policy", "PUT", "/api/v1/sessions/{id}/policy", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES | ROUTE_FREE_BODY, 200, NULL, NULL, rest_put_session_policy},
	{"get_session_policy", "GET", "/api/v1/sessions/{id}/policy", ROUTE_AUTH_BEARER, ROUTE_READS,
		200, NULL, NULL, rest_get_session_policy},
	{"list_policies", "GET", "/api/v1/policies", ROUTE_AUTH_BEARER, ROUTE_READS, 200, q_policies,
		NULL, rest_list_policies},
	{"put_org_policy", "PUT", "/api/v1/orgs/{name}/policy", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES | ROUTE_FREE_BODY, 200, NULL, NULL, rest_put_org_policy},
	{"get_org_policy", "GET", "/api/v1/orgs/{name}/policy", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		NULL, NULL, rest_get_org_policy},
	{"put_group_policy", "PUT", "/api/v1/groups/{name}/policy", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES | ROUTE_FREE_BODY, 200, route_query_org, NULL, rest_put_group_policy},
	{"get_group_policy", "GET", "/api/v1/groups/{name}/policy", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		route_query_org, NULL, rest_get_group_policy},
	{"put_user_policy", "PUT", "/api/v1/users/{name}/policy", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES | ROUTE_FREE_BODY, 200, route_query_org, NULL, rest_put_user_policy},
	{"get_user_policy", "GET", "/api/v1/users/{name}/policy", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		route_query_org, NULL, rest_get_user_policy},
	{"put_template_policy", "PUT", "/api/v1/templates/{name}/policy", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES | ROUTE_FREE_BODY, 200, route_query_org, NULL, rest_put_template_policy},
	{"get_template_policy", "GET", "/api/v1/templates/{name}/policy", ROUTE_AUTH_BEARER,
		ROUTE_READS, 200, route_query_org, NULL, rest_get_template_policy},
};

const route_area routes_lifecycle = ROUTE_AREA(rows);
