/* rest_template: steps of the routes about templates. */
#include "common/cleanup.h"
#include "ecpg/db_template.h"
#include "server/request.h"
#include "server/rest_steps.h"

/* The body goes to SQL byte by byte as it came: there its numbers keep all their digits. */
rest_next rest_put_template(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_put_template(conn, &r->call, r->captures[0], r->body ? r->body : "{}",
		request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_get_template(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_get_template(conn, &r->call, r->captures[0], request_query_int(r, "revision"),
		request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_templates(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_templates(conn, &r->call, request_query(r, "org"),
		request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_delete_template(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc =
		db_delete_template(conn, &r->call, r->captures[0], request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_template_revisions(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_template_revisions(conn, &r->call, r->captures[0], request_query(r, "org"),
		request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_get_template_access(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc =
		db_get_template_access(conn, &r->call, r->captures[0], request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_set_template_access(rest_request *r, db_conn *conn, ss_error *err)
{
	auto_free char *groups = request_field_array(r, "groups");
	char *json = NULL;
	int rc = db_set_template_access(
		conn, &r->call, r->captures[0], groups, request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_publish_template(rest_request *r, db_conn *conn, ss_error *err)
{
	auto_free char *orgs = request_field_array(r, "orgs");
	char *json = NULL;
	int rc = db_publish_template(
		conn, &r->call, r->captures[0], orgs, request_query(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}
