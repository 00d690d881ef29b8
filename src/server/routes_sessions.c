/* routes_sessions: sessions and what one does with them. Constant data. */
#include "server/rest_steps.h"
#include "server/routes.h"

static const route_field q_sessions[] = {
	{"state", ROUTE_STRING, false},
	{"owner", ROUTE_STRING, false},
	{"template", ROUTE_STRING, false},
	{"tag", ROUTE_STRING, false},
	{"shared", ROUTE_BOOL, false},
	{"org", ROUTE_STRING, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field q_force[] = {
	{"force", ROUTE_BOOL, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_session[] = {
	{"template", ROUTE_STRING, true},
	{"owner", ROUTE_STRING, false},
	{"org", ROUTE_STRING, false},
	{"parameters", ROUTE_OBJECT, false},
	{"resources", ROUTE_OBJECT, false},
	{"placement", ROUTE_OBJECT, false},
	{"name", ROUTE_STRING, false},
	{"tags", ROUTE_STRINGS, false},
	{"home", ROUTE_STRING, false},
	{"idle_seconds", ROUTE_INT, false},
	{"max_seconds", ROUTE_INT, false},
	ROUTE_END_OF_FIELDS,
};

static const route rows[] = {
	{"create_session", "POST", "/api/v1/sessions", ROUTE_AUTH_BEARER, ROUTE_CREATES | ROUTE_BATCHED,
		201, NULL, b_session, rest_create_session},
	{"list_sessions", "GET", "/api/v1/sessions", ROUTE_AUTH_BEARER, ROUTE_READS, 200, q_sessions,
		NULL, rest_list_sessions},
	{"get_session", "GET", "/api/v1/sessions/{id}", ROUTE_AUTH_BEARER, ROUTE_READS, 200, NULL, NULL,
		rest_get_session},
	{"hibernate_session", "POST", "/api/v1/sessions/{id}:hibernate", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES, 202, NULL, NULL, rest_hibernate_session},
	{"wake_session", "POST", "/api/v1/sessions/{id}:wake", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 202,
		NULL, NULL, rest_wake_session},
	{"terminate_session", "DELETE", "/api/v1/sessions/{id}", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 202,
		q_force, NULL, rest_terminate_session},
};

const route_area routes_sessions = ROUTE_AREA(rows);
