/* rest_audit: steps of the routes about history: audit log, its seals, events of sessions. */
#include "ecpg/db_audit.h"
#include "server/request.h"
#include "server/rest_steps.h"

rest_next rest_list_audit(rest_request *r, db_conn *conn, ss_error *err)
{
	db_audit_filter filter = {
		.org = request_query(r, "org"),
		.by = request_query(r, "actor"),
		.function = request_query(r, "function"),
		.object = request_query(r, "object"),
		.since = request_query(r, "since"),
		.until = request_query(r, "until"),
	};
	char *json = NULL;
	int rc = db_list_audit(conn, &r->call, &filter, request_query_int(r, "limit"),
		request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_audit_heads(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_audit_heads(conn, &r->call, request_query(r, "org"),
		request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_verify_audit(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc =
		db_verify_audit(conn, &r->call, request_query(r, "org"), request_query(r, "expected_head"),
			request_query_int(r, "first_seal"), request_query_int(r, "last_seal"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_session_events(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_session_events(conn, &r->call, r->captures[0], request_query_int(r, "limit"),
		request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_session_as_of(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_session_as_of(conn, &r->call, r->captures[0], request_query(r, "at"), &json, err);
	return rest_pass(r, rc, json, err);
}
