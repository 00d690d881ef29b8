/* rest_lifecycle: steps of the routes about policies, schedules and what comes of them. */
#include "ecpg/db_lifecycle.h"
#include "server/request.h"
#include "server/rest_steps.h"

static const char *body_of(const rest_request *r)
{
	return r->body ? r->body : "{}";
}

rest_next rest_retry_session(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_retry_session(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_report_activity(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_report_activity(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_session_outlook(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_session_outlook(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_get_schedule(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_get_schedule(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_delete_schedule(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_delete_schedule(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_get_session_policy(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_get_session_policy(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_extend_session(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_extend_session(
		conn, &r->call, r->captures[0], request_field_int(r, "seconds"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_put_schedule(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_put_schedule(conn, &r->call, r->captures[0], body_of(r), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_put_session_policy(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_put_session_policy(conn, &r->call, r->captures[0], body_of(r), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_schedules(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_schedules(conn, &r->call, request_query(r, "org"),
		request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_policies(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_policies(conn, &r->call, request_query(r, "scope"), request_query(r, "org"),
		request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

static rest_next put_policy(rest_request *r, db_conn *conn, const char *scope, ss_error *err)
{
	char *json = NULL;
	int rc = db_put_policy(
		conn, &r->call, scope, r->captures[0], body_of(r), request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}

static rest_next get_policy(rest_request *r, db_conn *conn, const char *scope, ss_error *err)
{
	char *json = NULL;
	int rc =
		db_get_policy(conn, &r->call, scope, r->captures[0], request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_put_org_policy(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_put_policy(conn, &r->call, "org", NULL, body_of(r), r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_get_org_policy(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_get_policy(conn, &r->call, "org", NULL, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_put_group_policy(rest_request *r, db_conn *conn, ss_error *err)
{
	return put_policy(r, conn, "group", err);
}

rest_next rest_get_group_policy(rest_request *r, db_conn *conn, ss_error *err)
{
	return get_policy(r, conn, "group", err);
}

rest_next rest_put_user_policy(rest_request *r, db_conn *conn, ss_error *err)
{
	return put_policy(r, conn, "user", err);
}

rest_next rest_get_user_policy(rest_request *r, db_conn *conn, ss_error *err)
{
	return get_policy(r, conn, "user", err);
}

rest_next rest_put_template_policy(rest_request *r, db_conn *conn, ss_error *err)
{
	return put_policy(r, conn, "template", err);
}

rest_next rest_get_template_policy(rest_request *r, db_conn *conn, ss_error *err)
{
	return get_policy(r, conn, "template", err);
}
