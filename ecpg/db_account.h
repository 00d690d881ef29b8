/*
 * db_account: organisations and users, as administrators see and change them. See db_conn.h for
 * what all calls share.
 */
#ifndef SS_ECPG_DB_ACCOUNT_H
#define SS_ECPG_DB_ACCOUNT_H

#include "ecpg/db_conn.h"

int db_put_org(db_conn *conn, const db_call *call, const char *name, const char *display_name,
	int max_sessions, int max_sessions_per_user, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_get_org(db_conn *conn, const db_call *call, const char *name, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

int db_list_orgs(db_conn *conn, const db_call *call, int limit, const char *cursor, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* {"user":{...},"set_password_token":hex, null on a dry run} */
int db_create_user(db_conn *conn, const db_call *call, const char *name, const char *org,
	const char *role, const char *display_name, int max_sessions, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

int db_get_user(db_conn *conn, const db_call *call, const char *user, const char *org,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

/* NULL: unchanged; active: "true" or "false" */
int db_update_user(db_conn *conn, const db_call *call, const char *user, const char *role,
	const char *display_name, const char *active, const char *org, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* role, active ("true", "false"): only those */
int db_list_users(db_conn *conn, const db_call *call, const char *org, const char *role,
	const char *active, int limit, const char *cursor, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* {"user","set_password_token"} */
int db_reset_password(db_conn *conn, const db_call *call, const char *user, const char *org,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

#endif
