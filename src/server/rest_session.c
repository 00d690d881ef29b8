/* rest_session: steps of the routes about sessions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "ecpg/db_session.h"
#include "server/request.h"
#include "server/rest_steps.h"

/* The id stands in the answer; a name that is not of an id's alphabet makes no header. */
static void set_location(rest_request *r)
{
	auto_cjson cJSON *session = cJSON_Parse(r->out.body);
	const char *id = ss_json_string(session, "id");
	if (id == NULL || strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(id))
		return;
	snprintf(r->out.location, sizeof r->out.location, "/api/v1/sessions/%s", id);
}

rest_next rest_created_session(rest_request *r, int rc, char *json, ss_error *err)
{
	rest_next next = rest_pass(r, rc, json, err);
	if (next == REST_DONE && !r->call.dry_run)
		set_location(r);
	return next;
}

rest_next rest_create_session(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	auto_free char *item = request_body_json(r);
	int rc = db_create_session(conn, &r->call, item, request_field_int(r, "idle_seconds"),
		request_field_int(r, "max_seconds"), &json, err);
	return rest_created_session(r, rc, json, err);
}

rest_next rest_list_sessions(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	const db_session_filter filter = {
		.state = request_query(r, "state"),
		.owner = request_query(r, "owner"),
		.org = request_query(r, "org"),
		.template_name = request_query(r, "template"),
		.tag = request_query(r, "tag"),
		.shared = request_query(r, "shared"),
	};
	int rc = db_list_sessions(conn, &r->call, &filter, request_query_int(r, "limit"),
		request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_get_session(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_get_session(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_hibernate_session(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_hibernate_session(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_wake_session(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_wake_session(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_terminate_session(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_terminate_session(
		conn, &r->call, r->captures[0], request_query_bool(r, "force"), &json, err);
	return rest_pass(r, rc, json, err);
}
