/*
 * db_credential: log-ins and API keys. See db_conn.h for what all calls share.
 */
#ifndef SS_ECPG_DB_CREDENTIAL_H
#define SS_ECPG_DB_CREDENTIAL_H

#include "ecpg/db_conn.h"

int db_list_logins(db_conn *conn, const db_call *call, const char *user, const char *org, int limit,
	const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_revoke_login(db_conn *conn, const db_call *call, const char *login, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* {"api_key":{...},"secret":hex, null on a dry run}. scopes: literal of a text[]; expires_at: RFC
 * 3339 */
int db_create_api_key(db_conn *conn, const db_call *call, const char *name, const char *scopes,
	const char *expires_at, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_list_api_keys(db_conn *conn, const db_call *call, const char *user, const char *org,
	int limit, const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_revoke_api_key(db_conn *conn, const db_call *call, const char *key, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* items: [{"hash","age_ms"}]. {"recorded":n} */
int db_record_credential_uses(
	db_conn *conn, const char *items, char **ret_json, ss_error *err) SS_MUST_CHECK;

#endif
