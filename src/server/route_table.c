/*
 * route_table: every area of the server's routes. docs/openapi.yaml describes the same rows; a
 * test compares the two. Constant data.
 */
#include "server/routes.h"

const route_field route_query_org[] = {
	{"org", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
const route_field route_query_page[] = {
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
const route_field route_query_org_page[] = {
	{"org", ROUTE_STRING, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};

const route_area *const route_areas[] = {
	&routes_accounts,
	&routes_sessions,
	&routes_admission,
	&routes_collaboration,
	&routes_homes,
	&routes_lifecycle,
	&routes_templates,
	&routes_agents,
	&routes_audit,
	&routes_viewers,
	&routes_events,
	&routes_operation,
	NULL,
};
