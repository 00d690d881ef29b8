/*
 * db_queue: what the dispatcher tells and asks the database about connected agents.
 *
 * No actor: these are the system's calls, granted to the server's role only. `items` is the JSON
 * text of an array of objects; the answer of a batch is [{"index","result"}] with result one of
 * ok, stale_epoch, stale_revision, unknown, not_yours, ignored. See db_conn.h for the rest.
 */
#ifndef SS_ECPG_DB_QUEUE_H
#define SS_ECPG_DB_QUEUE_H

#include "ecpg/db_conn.h"

int db_disconnect_agent(db_conn *conn, const char *agent, long long epoch, const char *reason,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

/* agents: [{"agent","epoch"}]. [{"agent","epoch","protocol_version","message","command_id"}];
 * what is returned counts as sent, under a lease. */
int db_claim_commands(
	db_conn *conn, const char *agents, int limit, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* Says that this server polls for so many seconds (1 to 60), or, with 0, that it is to be rung. */
int db_set_doorbell(
	db_conn *conn, const char *replica, int awake_seconds, ss_error *err) SS_MUST_CHECK;

/* A transaction's number that is above all that have written so far. */
int db_take_horizon(db_conn *conn, long long *ret_horizon, ss_error *err) SS_MUST_CHECK;

/* {"oldest":n,"agents":[...]}: agents of this server that have commands to claim; all that
 * transactions below `oldest` wrote was seen. */
int db_find_waiting_agents(
	db_conn *conn, const char *replica, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* [{"agent","epoch","commandId"}] */
int db_acknowledge_commands(
	db_conn *conn, const char *items, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* [{"agent","epoch","commandId","ok","result","error","revision"?}] */
int db_complete_commands(
	db_conn *conn, const char *items, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* [{"agent","epoch","sessionId","revision"?,"state","reason","message","endpoint","details"}] */
int db_observe_sessions(
	db_conn *conn, const char *items, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* [{"agent","epoch","commandId","phase","percent"}] */
int db_report_progress(
	db_conn *conn, const char *items, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* [{"agent","epoch","status","activeSessions","capacity"}] */
int db_record_heartbeats(
	db_conn *conn, const char *items, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"commands":n,"orphans":n}. objects: [{"kind","id","revision","uid","state"}], all of them;
 * nothing is concluded unless complete. */
int db_record_inventory(db_conn *conn, const char *agent, long long epoch, const char *objects,
	bool complete, char **ret_json, ss_error *err) SS_MUST_CHECK;

#endif
