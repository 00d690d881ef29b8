/*
 * route_table: every method and path of the server. docs/openapi.yaml describes the same rows;
 * a test compares the two. Constant data.
 */
#include "server/route.h"

#include "server/rest_steps.h"

#define END_OF_FIELDS \
	{ \
		"", ROUTE_STRING, false \
	}

static const route_field q_page[] = {
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	END_OF_FIELDS,
};
static const route_field q_org_page[] = {
	{"org", ROUTE_STRING, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	END_OF_FIELDS,
};
static const route_field q_org[] = {
	{"org", ROUTE_STRING, false},
	END_OF_FIELDS,
};
static const route_field q_sessions[] = {
	{"state", ROUTE_STRING, false},
	{"owner", ROUTE_STRING, false},
	{"org", ROUTE_STRING, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	END_OF_FIELDS,
};
static const route_field q_force[] = {
	{"force", ROUTE_BOOL, false},
	END_OF_FIELDS,
};
static const route_field q_template[] = {
	{"revision", ROUTE_INT, false},
	{"org", ROUTE_STRING, false},
	END_OF_FIELDS,
};
static const route_field q_connect[] = {
	{"agent_id", ROUTE_STRING, false},
	{"instance_id", ROUTE_STRING, false},
	END_OF_FIELDS,
};

static const route_field b_login[] = {
	{"user", ROUTE_STRING, true},
	{"password", ROUTE_STRING, true},
	{"org", ROUTE_STRING, false},
	END_OF_FIELDS,
};
static const route_field b_session[] = {
	{"template", ROUTE_STRING, true},
	{"owner", ROUTE_STRING, false},
	{"org", ROUTE_STRING, false},
	END_OF_FIELDS,
};
static const route_field b_user[] = {
	{"name", ROUTE_STRING, true},
	{"org", ROUTE_STRING, false},
	{"role", ROUTE_STRING, false},
	{"display_name", ROUTE_STRING, false},
	{"max_sessions", ROUTE_INT, false},
	END_OF_FIELDS,
};
static const route_field b_set_password[] = {
	{"token", ROUTE_STRING, true},
	{"password", ROUTE_STRING, true},
	END_OF_FIELDS,
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
	END_OF_FIELDS,
};
static const route_field b_approve[] = {
	{"key_prefix", ROUTE_STRING, false},
	END_OF_FIELDS,
};
static const route_field b_reject[] = {
	{"reason", ROUTE_STRING, false},
	END_OF_FIELDS,
};

enum
{
	P = ROUTE_PUBLIC,
	PI = ROUTE_PUBLIC | ROUTE_INTERNAL | ROUTE_INLINE,
	I = ROUTE_INTERNAL | ROUTE_INLINE,
	M = ROUTE_PUBLIC | ROUTE_MUTATES,
};

const route route_table[] = {
	{"login", "POST", "/api/v1/login", ROUTE_AUTH_NONE, P | ROUTE_ONCE, 200, NULL, b_login,
		rest_login},
	{"logout", "POST", "/api/v1/logout", ROUTE_AUTH_BEARER, P | ROUTE_ONCE, 200, NULL, NULL,
		rest_logout},
	{"get_me", "GET", "/api/v1/me", ROUTE_AUTH_BEARER, P, 200, NULL, NULL, rest_get_me},
	{"set_password", "POST", "/api/v1/set-password", ROUTE_AUTH_NONE, P | ROUTE_ONCE, 200, NULL,
		b_set_password, rest_set_password},

	{"create_session", "POST", "/api/v1/sessions", ROUTE_AUTH_BEARER, M, 201, NULL, b_session,
		rest_create_session},
	{"list_sessions", "GET", "/api/v1/sessions", ROUTE_AUTH_BEARER, P, 200, q_sessions, NULL,
		rest_list_sessions},
	{"get_session", "GET", "/api/v1/sessions/{id}", ROUTE_AUTH_BEARER, P, 200, NULL, NULL,
		rest_get_session},
	{"hibernate_session", "POST", "/api/v1/sessions/{id}:hibernate", ROUTE_AUTH_BEARER, M, 202,
		NULL, NULL, rest_hibernate_session},
	{"wake_session", "POST", "/api/v1/sessions/{id}:wake", ROUTE_AUTH_BEARER, M, 202, NULL, NULL,
		rest_wake_session},
	{"terminate_session", "DELETE", "/api/v1/sessions/{id}", ROUTE_AUTH_BEARER, M, 202, q_force,
		NULL, rest_terminate_session},

	{"put_template", "PUT", "/api/v1/templates/{name}", ROUTE_AUTH_BEARER, M | ROUTE_FREE_BODY, 200,
		q_org, NULL, rest_put_template},
	{"get_template", "GET", "/api/v1/templates/{name}", ROUTE_AUTH_BEARER, P, 200, q_template, NULL,
		rest_get_template},
	{"list_templates", "GET", "/api/v1/templates", ROUTE_AUTH_BEARER, P, 200, q_org_page, NULL,
		rest_list_templates},

	{"create_user", "POST", "/api/v1/users", ROUTE_AUTH_BEARER, M, 201, NULL, b_user,
		rest_create_user},
	{"list_users", "GET", "/api/v1/users", ROUTE_AUTH_BEARER, P, 200, q_org_page, NULL,
		rest_list_users},
	{"reset_password", "POST", "/api/v1/users/{name}:reset-password", ROUTE_AUTH_BEARER, M, 200,
		q_org, NULL, rest_reset_password},

	{"register_agent", "POST", "/api/v1/agents/register", ROUTE_AUTH_AGENT_KEY,
		P | ROUTE_ONCE | ROUTE_OPEN_BODY, 201, NULL, b_register, rest_register_agent},
	{"connect_agent", "GET", "/api/v1/agents/connect", ROUTE_AUTH_AGENT_KEY, P | ROUTE_WEBSOCKET,
		101, q_connect, NULL, NULL},
	{"list_agents", "GET", "/api/v1/agents", ROUTE_AUTH_BEARER, P, 200, q_page, NULL,
		rest_list_agents},
	{"approve_agent", "POST", "/api/v1/agents/{id}:approve", ROUTE_AUTH_BEARER, M, 200, NULL,
		b_approve, rest_approve_agent},
	{"reject_agent", "POST", "/api/v1/agents/{id}:reject", ROUTE_AUTH_BEARER, M, 200, NULL,
		b_reject, rest_reject_agent},

	{"livez", "GET", "/livez", ROUTE_AUTH_NONE, PI, 200, NULL, NULL, rest_livez},
	{"readyz", "GET", "/readyz", ROUTE_AUTH_NONE, PI, 200, NULL, NULL, rest_readyz},
	{"metrics", "GET", "/metrics", ROUTE_AUTH_NONE, I, 200, NULL, NULL, rest_metrics},
};
const size_t route_count = sizeof route_table / sizeof route_table[0];
