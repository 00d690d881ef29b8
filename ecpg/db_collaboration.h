/*
 * db_collaboration: the SQL functions about labels and shares of sessions. See db_conn.h for what
 * all calls share. Arrays travel as literals of text[], times as RFC 3339.
 *
 * The share shape: id, session, user, group, mode, expires_at, created_by, created_at, revision.
 */
#ifndef SS_ECPG_DB_COLLABORATION_H
#define SS_ECPG_DB_COLLABORATION_H

#include "ecpg/db_conn.h"

/* Answers the session. NULL keeps what is there, "" takes name or notes away. */
int db_update_session(db_conn *conn, const db_call *call, const char *session, const char *name,
	const char *notes, const char *tags, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* Answers the share. One of user and group; mode NULL: view; expires_at NULL: until revoked. */
int db_share_session(db_conn *conn, const db_call *call, const char *session, const char *user,
	const char *group, const char *mode, const char *expires_at, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* Answers the share as it was. */
int db_revoke_share(db_conn *conn, const db_call *call, const char *session, const char *share,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"items":[share],"next_cursor":text|null} */
int db_list_shares(db_conn *conn, const db_call *call, const char *session, int limit,
	const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* Which sessions (ids as text[], or a filter as JSON) and what to do with them. */
typedef struct db_bulk
{
	const char *sessions, *filter;
	const char *action, *argument;
	const char *all_or_nothing; /* "true" or "false"; NULL: false */
	const char *org;
} db_bulk;

/* {"changed","refused","more","items":[{"session","result","detail"}]} */
int db_change_sessions(db_conn *conn, const db_call *call, const db_bulk *bulk, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

#endif
