/*
 * db_identity: log-in, users, organisations, first start. See db_conn.h for what all calls share.
 */
#ifndef SS_ECPG_DB_IDENTITY_H
#define SS_ECPG_DB_IDENTITY_H

#include "ecpg/db_conn.h"

/* {"password_hash"}: the argon2id hash to verify against, a dummy one for an unknown user.
 * org NULL: "default". */
int db_login_challenge(
	db_conn *conn, const char *org, const char *user, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"user":{me},"expires_at"}. verified_hash: the hash against which the password was verified;
 * token_hash: of the new token; address: the caller's, for the audit. */
int db_complete_login(db_conn *conn, const char *org, const char *user, const char *verified_hash,
	const char *token_hash, const char *address, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"logged_out":true} */
int db_log_out(db_conn *conn, const db_call *call, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"name","org","role","display_name","created_at","limits","usage"} */
int db_get_me(db_conn *conn, const db_call *call, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"user":{...},"set_password_token":hex, null on a dry run} */
int db_create_user(db_conn *conn, const db_call *call, const char *name, const char *org,
	const char *role, const char *display_name, int max_sessions, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

int db_list_users(db_conn *conn, const db_call *call, const char *org, int limit,
	const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"user":...}. token_hash: of the one-time token, which is consumed; all log-ins end. */
int db_set_password(db_conn *conn, const char *token_hash, const char *password_hash,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"user","set_password_token"} */
int db_reset_password(db_conn *conn, const db_call *call, const char *user, const char *org,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"org","user"}; refused with already_initialized when there is any user. */
int db_initialize(db_conn *conn, const char *org, const char *admin, const char *password_hash,
	const char *bootstrap_key_hash, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_put_org(db_conn *conn, const db_call *call, const char *name, const char *display_name,
	int max_sessions, int max_sessions_per_user, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_list_orgs(db_conn *conn, const db_call *call, int limit, const char *cursor, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* key_hash: of the key under which agents may register. */
int db_set_bootstrap_key(db_conn *conn, const db_call *call, const char *key_hash, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

#endif
