/* routes_events: the stream of events. Constant data. */
#include "server/rest_steps.h"
#include "server/routes.h"

static const route_field q_events[] = {
	{"since", ROUTE_STRING, false},
	{"org", ROUTE_STRING, false},
	ROUTE_END_OF_FIELDS,
};

static const route rows[] = {
	/* Asked for a WebSocket it is the front door's: socket_class.c. */
	{"read_events", "GET", "/api/v1/events", ROUTE_AUTH_BEARER, ROUTE_READS | ROUTE_STREAMS, 200,
		q_events, NULL, rest_read_events},
};

const route_area routes_events = ROUTE_AREA(rows);
