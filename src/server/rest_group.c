/* rest_group: steps of the routes about groups of users. */
#include "ecpg/db_group.h"
#include "server/request.h"
#include "server/rest_steps.h"

rest_next rest_put_group(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_put_group(conn, &r->call, r->captures[0], request_field(r, "display_name"),
		request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_get_group(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_get_group(conn, &r->call, r->captures[0], request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_groups(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_groups(conn, &r->call, request_query(r, "user"), request_query(r, "org"),
		request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_delete_group(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_delete_group(conn, &r->call, r->captures[0], request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_group_members(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_group_members(conn, &r->call, r->captures[0], request_query(r, "org"),
		request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_add_group_member(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_add_group_member(
		conn, &r->call, r->captures[0], r->captures[1], request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_remove_group_member(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_remove_group_member(
		conn, &r->call, r->captures[0], r->captures[1], request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}
