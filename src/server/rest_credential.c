/* rest_credential: steps of the routes about log-ins, API keys and settings. */
#include "common/cleanup.h"
#include "ecpg/db_credential.h"
#include "ecpg/db_settings.h"
#include "server/request.h"
#include "server/rest_steps.h"

rest_next rest_list_logins(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_logins(conn, &r->call, request_query(r, "user"), request_query(r, "org"),
		request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_revoke_login(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_revoke_login(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_create_api_key(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	auto_free char *scopes = request_field_array(r, "scopes");
	if (scopes == NULL)
	{
		ss_fail(err, "overloaded", "Out of memory.");
		return REST_FAILED;
	}
	int rc = db_create_api_key(conn, &r->call, request_field(r, "name"), scopes,
		request_field(r, "expires_at"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_api_keys(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_api_keys(conn, &r->call, request_query(r, "user"), request_query(r, "org"),
		request_query_int(r, "limit"), request_query(r, "cursor"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_revoke_api_key(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_revoke_api_key(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_get_settings(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_get_settings(conn, &r->call, &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_put_settings(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	auto_free char *settings = request_body_json(r);
	if (settings == NULL)
	{
		ss_fail(err, "overloaded", "Out of memory.");
		return REST_FAILED;
	}
	int rc = db_put_settings(conn, &r->call, settings, &json, err);
	return rest_pass(r, rc, json, err);
}
