/* routes_accounts: log-in, oneself, organisations, users, groups, keys. Constant data. */
#include "server/rest_steps.h"
#include "server/routes.h"

static const route_field b_login[] = {
	{"user", ROUTE_STRING, true},
	{"password", ROUTE_STRING, true},
	{"org", ROUTE_STRING, false},
	{"cookie", ROUTE_BOOL, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_set_password[] = {
	{"token", ROUTE_STRING, true},
	{"password", ROUTE_STRING, true},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_user[] = {
	{"name", ROUTE_STRING, true},
	{"org", ROUTE_STRING, false},
	{"role", ROUTE_STRING, false},
	{"display_name", ROUTE_STRING, false},
	{"max_sessions", ROUTE_INT, false},
	ROUTE_END_OF_FIELDS,
};

static const route_field b_change_password[] = {
	{"password", ROUTE_STRING, true},
	{"new_password", ROUTE_STRING, true},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_org[] = {
	{"display_name", ROUTE_STRING, false},
	{"max_sessions", ROUTE_INT, false},
	{"max_sessions_per_user", ROUTE_INT, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_user_change[] = {
	{"role", ROUTE_STRING, false},
	{"display_name", ROUTE_STRING, false},
	{"active", ROUTE_BOOL, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_group[] = {
	{"display_name", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_api_key[] = {
	{"name", ROUTE_STRING, true},
	{"scopes", ROUTE_STRINGS, true},
	{"expires_at", ROUTE_TIME, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field q_users[] = {
	{"org", ROUTE_STRING, false},
	{"role", ROUTE_STRING, false},
	{"active", ROUTE_BOOL, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field q_of_user[] = {
	{"user", ROUTE_STRING, false},
	{"org", ROUTE_STRING, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};

static const route rows[] = {
	{"login", "POST", "/api/v1/login", ROUTE_AUTH_NONE, ROUTE_PUBLIC | ROUTE_ONCE, 200, NULL,
		b_login, rest_login},
	{"logout", "POST", "/api/v1/logout", ROUTE_AUTH_BEARER, ROUTE_PUBLIC | ROUTE_ONCE, 200, NULL,
		NULL, rest_logout},
	{"get_me", "GET", "/api/v1/me", ROUTE_AUTH_BEARER, ROUTE_READS, 200, NULL, NULL, rest_get_me},
	{"set_password", "POST", "/api/v1/set-password", ROUTE_AUTH_NONE, ROUTE_PUBLIC | ROUTE_ONCE,
		200, NULL, b_set_password, rest_set_password},
	{"change_password", "POST", "/api/v1/me:change-password", ROUTE_AUTH_BEARER,
		ROUTE_PUBLIC | ROUTE_ONCE, 200, NULL, b_change_password, rest_change_password},

	{"put_org", "PUT", "/api/v1/orgs/{name}", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 200, NULL, b_org,
		rest_put_org},
	{"get_org", "GET", "/api/v1/orgs/{name}", ROUTE_AUTH_BEARER, ROUTE_READS, 200, NULL, NULL,
		rest_get_org},
	{"list_orgs", "GET", "/api/v1/orgs", ROUTE_AUTH_BEARER, ROUTE_READS, 200, route_query_page,
		NULL, rest_list_orgs},

	{"create_user", "POST", "/api/v1/users", ROUTE_AUTH_BEARER, ROUTE_CREATES, 201, NULL, b_user,
		rest_create_user},
	{"list_users", "GET", "/api/v1/users", ROUTE_AUTH_BEARER, ROUTE_READS, 200, q_users, NULL,
		rest_list_users},
	{"get_user", "GET", "/api/v1/users/{name}", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		route_query_org, NULL, rest_get_user},
	{"update_user", "PATCH", "/api/v1/users/{name}", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 200,
		route_query_org, b_user_change, rest_update_user},
	{"reset_password", "POST", "/api/v1/users/{name}:reset-password", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES, 200, route_query_org, NULL, rest_reset_password},

	{"put_group", "PUT", "/api/v1/groups/{name}", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 200,
		route_query_org, b_group, rest_put_group},
	{"get_group", "GET", "/api/v1/groups/{name}", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		route_query_org, NULL, rest_get_group},
	{"delete_group", "DELETE", "/api/v1/groups/{name}", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 200,
		route_query_org, NULL, rest_delete_group},
	{"list_groups", "GET", "/api/v1/groups", ROUTE_AUTH_BEARER, ROUTE_READS, 200, q_of_user, NULL,
		rest_list_groups},
	{"list_group_members", "GET", "/api/v1/groups/{name}/members", ROUTE_AUTH_BEARER, ROUTE_READS,
		200, route_query_org_page, NULL, rest_list_group_members},
	{"add_group_member", "PUT", "/api/v1/groups/{name}/members/{user}", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES, 200, route_query_org, NULL, rest_add_group_member},
	{"remove_group_member", "DELETE", "/api/v1/groups/{name}/members/{user}", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES, 200, route_query_org, NULL, rest_remove_group_member},

	{"list_logins", "GET", "/api/v1/logins", ROUTE_AUTH_BEARER, ROUTE_READS, 200, q_of_user, NULL,
		rest_list_logins},
	{"revoke_login", "DELETE", "/api/v1/logins/{id}", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 200, NULL,
		NULL, rest_revoke_login},
	{"create_api_key", "POST", "/api/v1/api-keys", ROUTE_AUTH_BEARER, ROUTE_CREATES, 201, NULL,
		b_api_key, rest_create_api_key},
	{"list_api_keys", "GET", "/api/v1/api-keys", ROUTE_AUTH_BEARER, ROUTE_READS, 200, q_of_user,
		NULL, rest_list_api_keys},
	{"revoke_api_key", "DELETE", "/api/v1/api-keys/{id}", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 200,
		NULL, NULL, rest_revoke_api_key},

	{"get_settings", "GET", "/api/v1/settings", ROUTE_AUTH_BEARER, ROUTE_READS, 200, NULL, NULL,
		rest_get_settings},
	{"put_settings", "PATCH", "/api/v1/settings", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES | ROUTE_FREE_BODY, 200, NULL, NULL, rest_put_settings},
};

const route_area routes_accounts = ROUTE_AREA(rows);
