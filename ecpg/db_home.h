/*
 * db_home: the SQL functions about homes. See db_conn.h for what all calls share.
 *
 * The home shape: id, name, org, owner, template, size_mib, retention_seconds, session, agent,
 * state, created_at, last_used_at, delete_at, revision.
 */
#ifndef SS_ECPG_DB_HOME_H
#define SS_ECPG_DB_HOME_H

#include "ecpg/db_conn.h"

/* What a home shall be; NULL and DB_BIGINT_NULL: as it is, or what the installation says. */
typedef struct db_home_wish
{
	const char *name;
	long long size_mib;
	long long retention_seconds; /* -1: kept until it is deleted by hand */
} db_home_wish;

/* owner NULL: the actor himself; org NULL: the actor's. */
int db_create_home(db_conn *conn, const db_call *call, const db_home_wish *wish, const char *owner,
	const char *org, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_get_home(db_conn *conn, const db_call *call, const char *home, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* {"items":[home],"next_cursor":text|null} */
int db_list_homes(db_conn *conn, const db_call *call, const char *owner, const char *state,
	const char *org, int limit, const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_update_home(db_conn *conn, const db_call *call, const char *home, const db_home_wish *wish,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

/* Answers the home, deleting or deleted. */
int db_delete_home(db_conn *conn, const db_call *call, const char *home, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

#endif
