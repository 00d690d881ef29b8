/*
 * db_audit: the SQL functions about history: audit log, its seals, events of sessions. See
 * db_conn.h for what all calls share. Times are texts as PostgreSQL reads them.
 */
#ifndef SS_ECPG_DB_AUDIT_H
#define SS_ECPG_DB_AUDIT_H

#include "ecpg/db_conn.h"

/* What list_audit() chooses by; NULL or DB_INT_NULL: does not choose. */
typedef struct db_audit_filter
{
	const char *org;
	const char *by; /* user:ORG/NAME, dba:LOGIN, ... */
	const char *function;
	const char *object;
	const char *since;
	const char *until;
} db_audit_filter;

/* {"items":[{"id","at","org","actor","login","function","object",...}],"next_cursor"} */
int db_list_audit(db_conn *conn, const db_call *call, const db_audit_filter *filter, int limit,
	const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"items":[{"org","head","rows","month","generation","sealed_at"}],"next_cursor"} */
int db_list_audit_heads(db_conn *conn, const db_call *call, const char *org, int limit,
	const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"org","valid","rows","seals","unsealed","head","findings":[...],...}. Seals DB_INT_NULL: all. */
int db_verify_audit(db_conn *conn, const db_call *call, const char *org, const char *expected_head,
	int first_seal, int last_seal, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"items":[{"id","at","event",...}],"next_cursor"} */
int db_list_session_events(db_conn *conn, const db_call *call, const char *session, int limit,
	const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* What a session looked like at a time. */
int db_session_as_of(db_conn *conn, const db_call *call, const char *session, const char *at,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

#endif
