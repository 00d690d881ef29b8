/* routes_templates: templates. Constant data. */
#include "server/rest_steps.h"
#include "server/routes.h"

static const route_field q_template[] = {
	{"revision", ROUTE_INT, false},
	{"org", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};

static const route_field b_access[] = {
	{"groups", ROUTE_STRINGS, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field b_publish[] = {
	{"orgs", ROUTE_STRINGS, true},
	ROUTE_END_OF_FIELDS,
};

static const route rows[] = {
	{"put_template", "PUT", "/api/v1/templates/{name}", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES | ROUTE_FREE_BODY, 200, route_query_org, NULL, rest_put_template},
	{"get_template", "GET", "/api/v1/templates/{name}", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		q_template, NULL, rest_get_template},
	{"list_templates", "GET", "/api/v1/templates", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		route_query_org_page, NULL, rest_list_templates},
	{"delete_template", "DELETE", "/api/v1/templates/{name}", ROUTE_AUTH_BEARER, ROUTE_CHANGES, 200,
		route_query_org, NULL, rest_delete_template},
	{"list_template_revisions", "GET", "/api/v1/templates/{name}/revisions", ROUTE_AUTH_BEARER,
		ROUTE_READS, 200, route_query_org_page, NULL, rest_list_template_revisions},
	{"get_template_access", "GET", "/api/v1/templates/{name}/access", ROUTE_AUTH_BEARER,
		ROUTE_READS, 200, route_query_org, NULL, rest_get_template_access},
	{"set_template_access", "PUT", "/api/v1/templates/{name}/access", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES, 200, route_query_org, b_access, rest_set_template_access},
	{"publish_template", "POST", "/api/v1/templates/{name}:publish", ROUTE_AUTH_BEARER,
		ROUTE_CHANGES, 200, route_query_org, b_publish, rest_publish_template},
};

const route_area routes_templates = ROUTE_AREA(rows);
