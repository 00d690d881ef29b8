/* routes_homes: homes, which outlive sessions. Constant data. */
#include "server/rest_steps.h"
#include "server/routes.h"

static const route_field q_homes[] = {
	{"owner", ROUTE_STRING, false},
	{"state", ROUTE_STRING, false},
	{"org", ROUTE_STRING, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_create[] = {
	{"name", ROUTE_STRING, true},
	{"size_mib", ROUTE_INT, false},
	{"retention_seconds", ROUTE_INT, false},
	{"owner", ROUTE_STRING, false},
	{"org", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_update[] = {
	{"name", ROUTE_STRING, false},
	{"size_mib", ROUTE_INT, false},
	{"retention_seconds", ROUTE_INT, false},
	ROUTE_END_OF_FIELDS,
};

static const route rows[] = {
	{"create_home", "POST", "/api/v1/homes", ROUTE_AUTH_BEARER, ROUTE_CREATES, 201, NULL, b_create,
		rest_create_home},
	{"list_homes", "GET", "/api/v1/homes", ROUTE_AUTH_BEARER, ROUTE_READS, 200, q_homes, NULL,
		rest_list_homes},
	{"get_home", "GET", "/api/v1/homes/{id}", ROUTE_AUTH_BEARER, ROUTE_READS, 200, NULL, NULL,
		rest_get_home},
	{"update_home", "PATCH", "/api/v1/homes/{id}", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 200, NULL,
		b_update, rest_update_home},
	{"delete_home", "DELETE", "/api/v1/homes/{id}", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 202, NULL,
		NULL, rest_delete_home},
};

const route_area routes_homes = ROUTE_AREA(rows);
