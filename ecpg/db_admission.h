/*
 * db_admission: the SQL functions about limits, where sessions may run, and which do not go on. See
 * db_conn.h for what all calls share. Objects travel as JSON text, arrays as literals of text[].
 *
 * The quota shape: scope, name, org, limits, own, used, updated_at, revision.
 */
#ifndef SS_ECPG_DB_ADMISSION_H
#define SS_ECPG_DB_ADMISSION_H

#include "ecpg/db_conn.h"

/* Answers the quota. scope: org, user_default, group or user; name: the group or user, else NULL.
 */
int db_put_quota(db_conn *conn, const db_call *call, const char *scope, const char *name,
	const char *limits, const char *org, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_get_quota(db_conn *conn, const db_call *call, const char *scope, const char *name,
	const char *org, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"items":[quota],"next_cursor":text|null}; scope: group or user. */
int db_list_quotas(db_conn *conn, const db_call *call, const char *scope, const char *org,
	int limit, const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* What a session would be made from, or, alone, one that is there. */
typedef struct db_placement
{
	const char *session;
	const char *template_name, *owner, *org;
	const char *resources, *placement;
} db_placement;

/* {"agents":[{"agent","verdict","constraint","detail"}],"chosen","session"} */
int db_explain_placement(db_conn *conn, const db_call *call, const db_placement *what,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"items":[{"session","why","way_out","since","on_deadline"}],"next_cursor":text|null} */
int db_list_stuck(db_conn *conn, const db_call *call, const char *why, const char *org, int limit,
	const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* What is NULL or DB_INT_NULL stays; -1 takes a bound away. */
typedef struct db_agent_terms
{
	const char *labels, *orgs;
	const char *draining; /* "true" or "false" */
	int max_sessions, max_millicores, max_memory_mib;
} db_agent_terms;

/* Answers the agent. */
int db_set_agent(db_conn *conn, const db_call *call, const char *agent, const db_agent_terms *terms,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_get_agent(db_conn *conn, const db_call *call, const char *agent, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

#endif
