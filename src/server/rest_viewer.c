/* rest_viewer: steps of the routes about tickets for viewers and about open viewers. */
#include "ecpg/db_viewer.h"
#include "server/request.h"
#include "server/rest_steps.h"

rest_next rest_create_viewer_ticket(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_create_viewer_ticket(
		conn, &r->call, r->captures[0], request_field(r, "mode"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_connections(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc =
		db_list_connections(conn, &r->call, request_query(r, "session"), request_query(r, "org"),
			request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_close_connection(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_close_connection(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}
