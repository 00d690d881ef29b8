/* routes_viewers: viewers of sessions, and the sockets that they go through. Constant data. */
#include "server/rest_steps.h"
#include "server/routes.h"

static const route_field b_ticket[] = {
	{"mode", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field q_connections[] = {
	{"session", ROUTE_STRING, false},
	{"org", ROUTE_STRING, false},
	{"limit", ROUTE_INT, false},
	{"cursor", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field q_view[] = {
	{"ticket", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};
static const route_field q_stream[] = {
	{"agent_id", ROUTE_STRING, false},
	{"epoch", ROUTE_INT, false},
	ROUTE_END_OF_FIELDS,
};

static const route rows[] = {
	{"create_viewer_ticket", "POST", "/api/v1/sessions/{id}/viewer-tickets", ROUTE_AUTH_BEARER,
		ROUTE_CREATES, 201, NULL, b_ticket, rest_create_viewer_ticket},
	{"list_connections", "GET", "/api/v1/connections", ROUTE_AUTH_BEARER, ROUTE_READS, 200,
		q_connections, NULL, rest_list_connections},
	{"close_connection", "DELETE", "/api/v1/connections/{id}", ROUTE_AUTH_BEARER, ROUTE_CHANGES,
		200, NULL, NULL, rest_close_connection},
	{"open_viewer", "GET", "/api/v1/vnc/{id}", ROUTE_AUTH_NONE, ROUTE_PUBLIC | ROUTE_WEBSOCKET, 101,
		q_view, NULL, NULL},
	{"connect_agent_stream", "GET", "/api/v1/agents/stream", ROUTE_AUTH_AGENT_KEY,
		ROUTE_PUBLIC | ROUTE_WEBSOCKET, 101, q_stream, NULL, NULL},
	{"accept_relay", "GET", "/api/v1/relay", ROUTE_AUTH_NONE, ROUTE_INTERNAL | ROUTE_WEBSOCKET, 101,
		NULL, NULL, NULL},
};

const route_area routes_viewers = ROUTE_AREA(rows);
