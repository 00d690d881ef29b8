/*
 * db_identity: log-in, passwords, oneself, first start. See db_conn.h for what all calls share.
 */
#ifndef SS_ECPG_DB_IDENTITY_H
#define SS_ECPG_DB_IDENTITY_H

#include "ecpg/db_conn.h"

/* {"password_hash"}: the argon2id hash to verify against, a dummy one for an unknown user.
 * org NULL: "default". Counts the attempt. */
int db_login_challenge(db_conn *conn, const char *org, const char *user, const char *address,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"user":{me},"expires_at","login"}. verified_hash: the hash against which the password was
 * verified; token_hash: of the new token; address: the caller's; user_agent: what his program says
 * that it is. */
int db_complete_login(db_conn *conn, const char *org, const char *user, const char *verified_hash,
	const char *token_hash, const char *address, const char *user_agent, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* A password was wrong: into the audit log. Of the address and the program as in
 * db_complete_login(). */
int db_record_failed_login(db_conn *conn, const char *org, const char *user, const char *address,
	const char *user_agent, ss_error *err) SS_MUST_CHECK;

/* {"logged_out":true} */
int db_log_out(db_conn *conn, const db_call *call, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"name","org","role","display_name","created_at","limits","usage"} */
int db_get_me(db_conn *conn, const db_call *call, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"user":...}. token_hash: of the one-time token, which is consumed; all log-ins end. */
int db_set_password(db_conn *conn, const char *token_hash, const char *password_hash,
	const char *address, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* Fails with token_invalid where db_set_password() would. */
int db_check_password_token(db_conn *conn, const char *token_hash, ss_error *err) SS_MUST_CHECK;

/* {"password_hash"}: the actor's, to verify his present password against. Counts the attempt. */
int db_password_challenge(
	db_conn *conn, const db_call *call, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"user","ended"}. verified_hash: against which the present password was verified. */
int db_change_password(db_conn *conn, const db_call *call, const char *verified_hash,
	const char *password_hash, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"org","user"}; refused with already_initialized when there is any user. */
int db_initialize(db_conn *conn, const char *org, const char *admin, const char *password_hash,
	const char *bootstrap_key_hash, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* key_hash: of the key under which agents may register. */
int db_set_bootstrap_key(db_conn *conn, const db_call *call, const char *key_hash, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

#endif
