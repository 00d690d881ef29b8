/* rest_event: the step of the route of events: a stream, or what has changed as one answer. */
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "ecpg/db_event.h"
#include "server/event_hub.h"
#include "server/request.h"
#include "server/rest_steps.h"

static rest_next begin_stream(rest_request *r, db_conn *conn, ss_error *err)
{
	/* A browser that comes back asks for the address of before: what it saw last is younger. */
	const char *since = r->last_event != NULL ? r->last_event : request_query(r, "since");
	if (event_subscriber_new(
			r->server->events, conn, r->actor, request_query(r, "org"), since, &r->out.events, err))
		return REST_FAILED;
	r->out.status = 200;
	r->out.content_type = ANSWER_EVENTS;
	return REST_DONE;
}

/* Whom it is read for is for the hub. */
static char *without_audience(char *json)
{
	auto_free char *text = json;
	auto_cjson cJSON *whole = cJSON_Parse(text);
	cJSON_DeleteItemFromObjectCaseSensitive(whole, "audience");
	return whole != NULL ? ss_json_print(whole) : NULL;
}

rest_next rest_read_events(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	if (r->wants_events)
		return begin_stream(r, conn, err);
	int rc = db_read_events(conn, &r->call, request_query(r, "since"), request_query(r, "org"),
		(int)r->server->config->events.max_changes, &json, err);
	return rest_pass(r, rc, json != NULL ? without_audience(json) : NULL, err);
}
