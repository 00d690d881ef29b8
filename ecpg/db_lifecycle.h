/*
 * db_lifecycle: the SQL functions about when sessions are stopped, woken and tried again by
 * themselves. See db_conn.h for what all calls share.
 */
#ifndef SS_ECPG_DB_LIFECYCLE_H
#define SS_ECPG_DB_LIFECYCLE_H

#include "ecpg/db_conn.h"

/* scope: org, group, user, template; policy: a JSON object; name NULL for the organisation. */
int db_put_policy(db_conn *conn, const db_call *call, const char *scope, const char *name,
	const char *policy, const char *org, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_get_policy(db_conn *conn, const db_call *call, const char *scope, const char *name,
	const char *org, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"items":[policy],"next_cursor":text|null}; scope NULL: all; limit 1..200, DB_INT_NULL: 50. */
int db_list_policies(db_conn *conn, const db_call *call, const char *scope, const char *org,
	int limit, const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"policy":policy,"effective":{...}} */
int db_put_session_policy(db_conn *conn, const db_call *call, const char *session,
	const char *policy, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_get_session_policy(db_conn *conn, const db_call *call, const char *session, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* schedule: a JSON object {time_zone, days, start, stop, enabled}. */
int db_put_schedule(db_conn *conn, const db_call *call, const char *session, const char *schedule,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_get_schedule(db_conn *conn, const db_call *call, const char *session, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

int db_delete_schedule(db_conn *conn, const db_call *call, const char *session, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

int db_list_schedules(db_conn *conn, const db_call *call, const char *org, int limit,
	const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* Kept for at least seconds from now. */
int db_extend_session(db_conn *conn, const db_call *call, const char *session, int seconds,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_retry_session(db_conn *conn, const db_call *call, const char *session, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* Somebody gave it input: {"session","state","active_at","warning"}. */
int db_report_activity(db_conn *conn, const db_call *call, const char *session, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/*
 * items: [{"session","ago_ms","actor"}], input that viewers saw. [{"index","result"}], result ok,
 * unknown or ignored.
 */
int db_record_activity(
	db_conn *conn, const char *items, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"session","state","next","all","warning","kept_until","kept_active_by"} */
int db_session_outlook(db_conn *conn, const db_call *call, const char *session, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

#endif
