/*
 * db_viewer: the SQL functions about viewers of sessions: tickets, viewers, streams of agents, and
 * relays between servers. See db_conn.h for what all calls share. Hashes are 64 hexadecimal digits.
 */
#ifndef SS_ECPG_DB_VIEWER_H
#define SS_ECPG_DB_VIEWER_H

#include "ecpg/db_conn.h"

/*
 * {"ticket","session","mode","expires_at","url"}: ticket and url are secrets, shown this once, to
 * be kept from every log. mode: view, control, or NULL for what the actor may.
 */
int db_create_viewer_ticket(db_conn *conn, const db_call *call, const char *session,
	const char *mode, char **ret_json, ss_error *err) SS_MUST_CHECK;

/*
 * Uses a ticket: {"connection","session","mode","agent","protocol_version","local":bool,
 * "relay":null|{"replica","address","ticket"}}; relay.ticket is a secret for the server at
 * relay.address, good once and for 5 s. replica: this server; address: of the browser.
 */
int db_open_viewer(db_conn *conn, const char *session, const char *ticket_hash, const char *replica,
	const char *address, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* Uses the ticket of another server's relay: {"connection","session","agent","mode"}. */
int db_accept_relay(db_conn *conn, const char *ticket_hash, const char *replica, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/*
 * items: [{"connection","input_ago_ms":n|null,"received","sent"}], at most 5000, those of this
 * server; input_ago_ms is the age of the last input that reached the session, also when it was
 * told before. {"cut":[{"connection","reason"}]}: those that may not go on.
 */
int db_review_viewers(db_conn *conn, const char *replica, const char *items, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* items: [{"connection","reason","received","sent"}]. [{"index","result"}]: ok, unknown, ignored.
 */
int db_close_viewers(
	db_conn *conn, const char *items, char **ret_json, ss_error *err) SS_MUST_CHECK;

/*
 * {"agent","stream":n}. call->actor: the hash of the agent's key; epoch: of its present command
 * connection; address: where other servers reach this one, NULL: they do not.
 */
int db_connect_agent_stream(db_conn *conn, const db_call *call, const char *agent, long long epoch,
	const char *replica, const char *address, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"disconnected":bool}: false when a newer socket has taken its place. */
int db_disconnect_agent_stream(db_conn *conn, const char *agent, long long stream, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* {"items":[connection],"next_cursor":text|null}; session NULL: all that the actor may see. */
int db_list_connections(db_conn *conn, const db_call *call, const char *session, const char *org,
	int limit, const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* Answers the viewer that was put out. */
int db_close_connection(db_conn *conn, const db_call *call, const char *connection, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

#endif
