/* routes_operation: probes and monitoring. Constant data. */
#include "server/rest_steps.h"
#include "server/routes.h"

enum
{
	BOTH = ROUTE_PUBLIC | ROUTE_INTERNAL | ROUTE_INLINE,
	INTERNAL = ROUTE_INTERNAL | ROUTE_INLINE,
};

static const route rows[] = {
	{"livez", "GET", "/livez", ROUTE_AUTH_NONE, BOTH, 200, NULL, NULL, rest_livez},
	{"readyz", "GET", "/readyz", ROUTE_AUTH_NONE, BOTH, 200, NULL, NULL, rest_readyz},
	{"get_openapi", "GET", "/api/v1/openapi.json", ROUTE_AUTH_NONE, ROUTE_READS | ROUTE_INLINE, 200,
		NULL, NULL, rest_get_openapi},
	{"get_config", "GET", "/api/v1/config", ROUTE_AUTH_NONE, ROUTE_READS | ROUTE_INLINE, 200, NULL,
		NULL, rest_get_config},
	{"metrics", "GET", "/metrics", ROUTE_AUTH_NONE, INTERNAL, 200, NULL, NULL, rest_metrics},
};

const route_area routes_operation = ROUTE_AREA(rows);
