/*
 * db_settings: what is set for the whole installation. See db_conn.h for what all calls share.
 */
#ifndef SS_ECPG_DB_SETTINGS_H
#define SS_ECPG_DB_SETTINGS_H

#include "ecpg/db_conn.h"

/* {"login_idle_seconds",...,"revision"} */
int db_get_settings(
	db_conn *conn, const db_call *call, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* settings: an object of what is to change */
int db_put_settings(db_conn *conn, const db_call *call, const char *settings, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

#endif
