/* routes_templates: templates. Constant data. */
#include "server/rest_steps.h"
#include "server/routes.h"

static const route_field q_template[] = {
	{"revision", ROUTE_INT, false},
	{"org", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};

static const route rows[] = {
	{"put_template", "PUT", "/api/v1/templates/{name}", ROUTE_AUTH_BEARER,
		ROUTE_CREATES | ROUTE_FREE_BODY, 200, route_query_org, NULL, rest_put_template},
	{"get_template", "GET", "/api/v1/templates/{name}", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		q_template, NULL, rest_get_template},
	{"list_templates", "GET", "/api/v1/templates", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		route_query_org_page, NULL, rest_list_templates},
};

const route_area routes_templates = ROUTE_AREA(rows);
