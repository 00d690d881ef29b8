/*
 * db_system: sweeps, versions, metrics, the table of error codes. No actor. See db_conn.h.
 */
#ifndef SS_ECPG_DB_SYSTEM_H
#define SS_ECPG_DB_SYSTEM_H

#include "ecpg/db_conn.h"

/* One sweep over at most `limit` rows a kind (DB_INT_NULL: 500): {"deadlines","leases",...}. */
int db_tick(db_conn *conn, int limit, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* Seals the audit rows of transactions that have ended: {"rows","seals","heads":[{"org",
 * "head"}]}; the heads are to be logged. */
int db_seal_audit(db_conn *conn, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"sessions":{state:n},"commands":{state:n},"agents":{state:n},...} */
int db_get_metrics(db_conn *conn, char **ret_json, ss_error *err) SS_MUST_CHECK;

#define DB_SCHEMA_VERSION_SIZE 128

/* The name of the schema change that the SQL functions belong to, as plain text. */
int db_schema_version(
	db_conn *conn, char ret_version[DB_SCHEMA_VERSION_SIZE], ss_error *err) SS_MUST_CHECK;

/* {"version","oldest","served"}: can a server that expects this schema change work here? */
int db_check_schema(
	db_conn *conn, const char *expected, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* [{"sqlstate","code","http_status","title","hint"}] */
int db_list_error_codes(db_conn *conn, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* Makes the database's table the one that ss_fail() and all answers use. Once, at start. */
int db_error_table_load(db_conn *conn, ss_error *err) SS_MUST_CHECK;

#endif
