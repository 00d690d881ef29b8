/* routes_accounts: log-in, oneself, users. Constant data. */
#include "server/rest_steps.h"
#include "server/routes.h"

static const route_field b_login[] = {
	{"user", ROUTE_STRING, true},
	{"password", ROUTE_STRING, true},
	{"org", ROUTE_STRING, false},
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

static const route rows[] = {
	{"login", "POST", "/api/v1/login", ROUTE_AUTH_NONE, ROUTE_PUBLIC | ROUTE_ONCE, 200, NULL,
		b_login, rest_login},
	{"logout", "POST", "/api/v1/logout", ROUTE_AUTH_BEARER, ROUTE_PUBLIC | ROUTE_ONCE, 200, NULL,
		NULL, rest_logout},
	{"get_me", "GET", "/api/v1/me", ROUTE_AUTH_BEARER, ROUTE_READS, 200, NULL, NULL, rest_get_me},
	{"set_password", "POST", "/api/v1/set-password", ROUTE_AUTH_NONE, ROUTE_PUBLIC | ROUTE_ONCE,
		200, NULL, b_set_password, rest_set_password},
	{"create_user", "POST", "/api/v1/users", ROUTE_AUTH_BEARER, ROUTE_CREATES, 201, NULL, b_user,
		rest_create_user},
	{"list_users", "GET", "/api/v1/users", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		route_query_org_page, NULL, rest_list_users},
	{"reset_password", "POST", "/api/v1/users/{name}:reset-password", ROUTE_AUTH_BEARER,
		ROUTE_CREATES, 200, route_query_org, NULL, rest_reset_password},
};

const route_area routes_accounts = ROUTE_AREA(rows);
