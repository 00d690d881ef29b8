/* routes_collaboration: labels, shares, many sessions at once. Constant data. */
#include "server/rest_steps.h"
#include "server/routes.h"

static const route_field b_labels[] = {
	{"name", ROUTE_STRING, false},
	{"notes", ROUTE_STRING, false},
	{"tags", ROUTE_STRINGS, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_share[] = {
	{"user", ROUTE_STRING, false},
	{"group", ROUTE_STRING, false},
	{"mode", ROUTE_STRING, false},
	{"expires_at", ROUTE_TIME, false},
	ROUTE_END_OF_FIELDS,
};

static const route_field b_bulk[] = {
	{"sessions", ROUTE_STRINGS, false},
	{"filter", ROUTE_OBJECT, false},
	{"action", ROUTE_STRING, true},
	{"argument", ROUTE_STRING, false},
	{"all_or_nothing", ROUTE_BOOL, false},
	{"org", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};

static const route rows[] = {
	{"change_sessions", "POST", "/api/v1/sessions:bulk", ROUTE_AUTH_BEARER, ROUTE_CREATES, 200,
		NULL, b_bulk, rest_change_sessions},
	{"update_session", "PATCH", "/api/v1/sessions/{id}", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 200,
		NULL, b_labels, rest_update_session},
	{"list_shares", "GET", "/api/v1/sessions/{id}/shares", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		route_query_page, NULL, rest_list_shares},
	{"share_session", "POST", "/api/v1/sessions/{id}/shares", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 201,
		NULL, b_share, rest_share_session},
	{"revoke_share", "DELETE", "/api/v1/sessions/{id}/shares/{share}", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES, 200, NULL, NULL, rest_revoke_share},
};

const route_area routes_collaboration = ROUTE_AREA(rows);
