/* routes_audit: history: the audit log, its seals, what happened to sessions. Constant data. */
#include "server/rest_steps.h"
#include "server/routes.h"

static const route_field q_audit[] = {
	{"org", ROUTE_STRING, false},
	{"actor", ROUTE_STRING, false},
	{"function", ROUTE_STRING, false},
	{"object", ROUTE_STRING, false},
	{"since", ROUTE_TIME, false},
	{"until", ROUTE_TIME, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field q_verify[] = {
	{"org", ROUTE_STRING, false},
	{"expected_head", ROUTE_STRING, false},
	{"first_seal", ROUTE_INT, false},
	{"last_seal", ROUTE_INT, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field q_at[] = {
	{"at", ROUTE_TIME, true},
	ROUTE_END_OF_FIELDS,
};

static const route rows[] = {
	{"list_audit", "GET", "/api/v1/audit", ROUTE_AUTH_BEARER, ROUTE_READS, 200, q_audit, NULL,
		rest_list_audit},
	{"list_audit_heads", "GET", "/api/v1/audit/heads", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		route_query_org_page, NULL, rest_list_audit_heads},
	{"verify_audit", "GET", "/api/v1/audit:verify", ROUTE_AUTH_BEARER, ROUTE_READS, 200, q_verify,
		NULL, rest_verify_audit},
	{"list_session_events", "GET", "/api/v1/sessions/{id}/events", ROUTE_AUTH_BEARER, ROUTE_READS,
		200, route_query_page, NULL, rest_list_session_events},
	{"session_as_of", "GET", "/api/v1/sessions/{id}/as-of", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		q_at, NULL, rest_session_as_of},
};

const route_area routes_audit = ROUTE_AREA(rows);
