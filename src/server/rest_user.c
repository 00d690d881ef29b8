/* rest_user: steps of the routes about organisations, users and oneself. */
#include "ecpg/db_account.h"
#include "ecpg/db_identity.h"
#include "server/cookie.h"
#include "server/request.h"
#include "server/rest_steps.h"

rest_next rest_logout(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_log_out(conn, &r->call, &json, err);
	rest_next next = rest_pass(r, rc, json, err);
	if (next == REST_DONE && r->by_cookie)
		cookie_format(NULL, r->cookie_loopback, r->out.set_cookie);
	return next;
}

rest_next rest_get_me(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_get_me(conn, &r->call, &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_put_org(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_put_org(conn, &r->call, r->captures[0], request_field(r, "display_name"),
		request_field_int(r, "max_sessions"), request_field_int(r, "max_sessions_per_user"), &json,
		err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_get_org(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_get_org(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_orgs(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_orgs(
		conn, &r->call, request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_create_user(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_create_user(conn, &r->call, request_field(r, "name"), request_field(r, "org"),
		request_field(r, "role"), request_field(r, "display_name"),
		request_field_int(r, "max_sessions"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_get_user(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_get_user(conn, &r->call, r->captures[0], request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_update_user(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_update_user(conn, &r->call, r->captures[0], request_field(r, "role"),
		request_field(r, "display_name"), request_field_bool(r, "active"), request_query(r, "org"),
		&json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_users(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_users(conn, &r->call, request_query(r, "org"), request_query(r, "role"),
		request_query(r, "active"), request_query_int(r, "limit"), request_query(r, "cursor"),
		&json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_reset_password(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_reset_password(conn, &r->call, r->captures[0], request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}
