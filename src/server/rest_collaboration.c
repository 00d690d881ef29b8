/* rest_collaboration: steps of the routes about labels, shares and many sessions at once. */
#include "common/cleanup.h"
#include "ecpg/db_collaboration.h"
#include "server/request.h"
#include "server/rest_steps.h"

rest_next rest_update_session(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	auto_free char *tags = request_field_array(r, "tags");
	int rc = db_update_session(conn, &r->call, r->captures[0], request_field(r, "name"),
		request_field(r, "notes"), tags, &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_share_session(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_share_session(conn, &r->call, r->captures[0], request_field(r, "user"),
		request_field(r, "group"), request_field(r, "mode"), request_field(r, "expires_at"), &json,
		err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_revoke_share(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_revoke_share(conn, &r->call, r->captures[0], r->captures[1], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_shares(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_shares(conn, &r->call, r->captures[0], request_query_int(r, "limit"),
		request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_change_sessions(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	auto_free char *sessions = request_field_array(r, "sessions");
	auto_free char *filter = request_field_json(r, "filter");
	const db_bulk bulk = {
		.sessions = sessions,
		.filter = filter,
		.action = request_field(r, "action"),
		.argument = request_field(r, "argument"),
		.all_or_nothing = request_field_bool(r, "all_or_nothing"),
		.org = request_field(r, "org"),
	};
	int rc = db_change_sessions(conn, &r->call, &bulk, &json, err);
	return rest_pass(r, rc, json, err);
}
