/* rest_admission: steps of the routes about limits, and about where sessions may run. */
#include "common/cleanup.h"
#include "ecpg/db_admission.h"
#include "server/request.h"
#include "server/rest_steps.h"

static rest_next put_quota(rest_request *r, db_conn *conn, const char *scope, const char *name,
	const char *org, ss_error *err)
{
	char *json = NULL;
	auto_free char *limits = request_body_json(r);
	int rc = db_put_quota(conn, &r->call, scope, name, limits, org, &json, err);
	return rest_pass(r, rc, json, err);
}

static rest_next get_quota(rest_request *r, db_conn *conn, const char *scope, const char *name,
	const char *org, ss_error *err)
{
	char *json = NULL;
	int rc = db_get_quota(conn, &r->call, scope, name, org, &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_put_org_quota(rest_request *r, db_conn *conn, ss_error *err)
{
	return put_quota(r, conn, "org", NULL, r->captures[0], err);
}

rest_next rest_get_org_quota(rest_request *r, db_conn *conn, ss_error *err)
{
	return get_quota(r, conn, "org", NULL, r->captures[0], err);
}

rest_next rest_put_default_quota(rest_request *r, db_conn *conn, ss_error *err)
{
	return put_quota(r, conn, "user_default", NULL, r->captures[0], err);
}

rest_next rest_get_default_quota(rest_request *r, db_conn *conn, ss_error *err)
{
	return get_quota(r, conn, "user_default", NULL, r->captures[0], err);
}

rest_next rest_put_group_quota(rest_request *r, db_conn *conn, ss_error *err)
{
	return put_quota(r, conn, "group", r->captures[0], request_query(r, "org"), err);
}

rest_next rest_get_group_quota(rest_request *r, db_conn *conn, ss_error *err)
{
	return get_quota(r, conn, "group", r->captures[0], request_query(r, "org"), err);
}

rest_next rest_put_user_quota(rest_request *r, db_conn *conn, ss_error *err)
{
	return put_quota(r, conn, "user", r->captures[0], request_query(r, "org"), err);
}

rest_next rest_get_user_quota(rest_request *r, db_conn *conn, ss_error *err)
{
	return get_quota(r, conn, "user", r->captures[0], request_query(r, "org"), err);
}

rest_next rest_list_quotas(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_quotas(conn, &r->call, request_query(r, "scope"), request_query(r, "org"),
		request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_explain_placement(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	auto_free char *resources = request_field_json(r, "resources");
	auto_free char *placement = request_field_json(r, "placement");
	const db_placement what = {
		.template_name = request_field(r, "template"),
		.owner = request_field(r, "owner"),
		.org = request_field(r, "org"),
		.resources = resources,
		.placement = placement,
	};
	int rc = db_explain_placement(conn, &r->call, &what, &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_get_placement(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	const db_placement what = {.session = r->captures[0]};
	int rc = db_explain_placement(conn, &r->call, &what, &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_stuck(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_stuck(conn, &r->call, request_query(r, "why"), request_query(r, "org"),
		request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_get_agent(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_get_agent(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_set_agent(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	auto_free char *labels = request_field_json(r, "labels");
	auto_free char *orgs = request_field_array(r, "orgs");
	const db_agent_terms terms = {
		.labels = labels,
		.orgs = orgs,
		.draining = request_field_bool(r, "draining"),
		.max_sessions = request_field_int(r, "max_sessions"),
		.max_millicores = request_field_int(r, "max_millicores"),
		.max_memory_mib = request_field_int(r, "max_memory_mib"),
	};
	int rc = db_set_agent(conn, &r->call, r->captures[0], &terms, &json, err);
	return rest_pass(r, rc, json, err);
}
