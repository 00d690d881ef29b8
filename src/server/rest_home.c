/* rest_home: steps of the routes about homes. */
#include "common/json.h"
#include "ecpg/db_home.h"
#include "server/request.h"
#include "server/rest_steps.h"

/* A number beyond 32 bits; DB_BIGINT_NULL when absent or null. */
static long long field_bigint(const rest_request *r, const char *name)
{
	long long value = 0;

	return ss_json_int(r->json, name, &value) == 0 ? value : DB_BIGINT_NULL;
}

/* A retention that is there and null means: none. */
static db_home_wish wish_of(const rest_request *r)
{
	db_home_wish wish = {
		.name = request_field(r, "name"),
		.size_mib = field_bigint(r, "size_mib"),
		.retention_seconds = field_bigint(r, "retention_seconds"),
	};

	if (wish.retention_seconds == DB_BIGINT_NULL && request_has(r, "retention_seconds"))
		wish.retention_seconds = -1;
	return wish;
}

rest_next rest_create_home(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	db_home_wish wish = wish_of(r);
	int rc = db_create_home(
		conn, &r->call, &wish, request_field(r, "owner"), request_field(r, "org"), &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_get_home(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_get_home(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_list_homes(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_list_homes(conn, &r->call, request_query(r, "owner"), request_query(r, "state"),
		request_query(r, "org"), request_query_int(r, "limit"), request_query(r, "cursor"), &json,
		err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_update_home(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	db_home_wish wish = wish_of(r);
	int rc = db_update_home(conn, &r->call, r->captures[0], &wish, &json, err);
	return rest_pass(r, rc, json, err);
}

rest_next rest_delete_home(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_delete_home(conn, &r->call, r->captures[0], &json, err);
	return rest_pass(r, rc, json, err);
}
