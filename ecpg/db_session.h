/*
 * db_session: the SQL functions about sessions. See db_conn.h for what all calls share.
 *
 * The session shape: id, org, owner, template, template_revision, platform, state, desired_state,
 * observed_state, reason, message, next_step, revision, agent, deadline_at, progress, created_at,
 * updated_at, name, notes, tags, home.
 */
#ifndef SS_ECPG_DB_SESSION_H
#define SS_ECPG_DB_SESSION_H

#include "ecpg/db_conn.h"

/*
 * item: the JSON text of {template, owner, org, parameters, resources, placement, name, tags,
 * home}; of the right JSON types, the rest is judged by SQL. Seconds: DB_INT_NULL for none.
 */
int db_create_session(db_conn *conn, const db_call *call, const char *item, int idle_seconds,
	int max_seconds, char **ret_json, ss_error *err) SS_MUST_CHECK;

/*
 * items: [{"actor" (64 hex digits), "request_id", and the fields above, the seconds among them}],
 * in one transaction. A line for each, in order: "+" and the session, or "-" and the refusal
 * {"sqlstate","code","title","detail","hint"}.
 */
int db_create_sessions(
	db_conn *conn, const char *items, char **ret_lines, ss_error *err) SS_MUST_CHECK;

int db_get_session(db_conn *conn, const db_call *call, const char *session, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* Which sessions; NULL: all of them. shared "true": those of others that the actor may use. */
typedef struct db_session_filter
{
	const char *state, *owner, *org, *template_name, *tag, *shared;
} db_session_filter;

/* {"items":[session],"next_cursor":text|null}; limit 1..200, DB_INT_NULL: 50. */
int db_list_sessions(db_conn *conn, const db_call *call, const db_session_filter *filter, int limit,
	const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_hibernate_session(db_conn *conn, const db_call *call, const char *session, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

int db_wake_session(db_conn *conn, const db_call *call, const char *session, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* force: leave the state at once and let the agent clean up later. */
int db_terminate_session(db_conn *conn, const db_call *call, const char *session, bool force,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

#endif
