/* routes: the areas of the route table, one file routes_AREA.c each. Constant data. */
#ifndef STREAMSPACE_SERVER_ROUTES_H
#define STREAMSPACE_SERVER_ROUTES_H

#include "server/route.h"

/* Queries that many rows share. */
extern const route_field route_query_org[];
extern const route_field route_query_page[];     /* limit, cursor */
extern const route_field route_query_org_page[]; /* org, limit, cursor */

extern const route_area routes_accounts;
extern const route_area routes_sessions;
extern const route_area routes_admission;
extern const route_area routes_collaboration;
extern const route_area routes_homes;
extern const route_area routes_lifecycle;
extern const route_area routes_templates;
extern const route_area routes_agents;
extern const route_area routes_audit;
extern const route_area routes_viewers;
extern const route_area routes_events;
extern const route_area routes_operation;

#endif
