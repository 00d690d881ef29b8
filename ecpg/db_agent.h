/*
 * db_agent: agents as administrators and as agents themselves see them. See db_conn.h for what
 * all calls share.
 */
#ifndef SS_ECPG_DB_AGENT_H
#define SS_ECPG_DB_AGENT_H

#include "ecpg/db_conn.h"

/* {"items":[agent],"next_cursor":text|null}; approval and state leave out the others. */
int db_list_agents(db_conn *conn, const db_call *call, const char *approval, const char *state,
	int limit, const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"agent":...,"api_key":hex|null}. key_prefix: the first 8 hex digits of the agent's key hash,
 * required when it has a key of its own. api_key is shown this once, to be kept from every log. */
int db_approve_agent(db_conn *conn, const db_call *call, const char *agent, const char *key_prefix,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_reject_agent(db_conn *conn, const db_call *call, const char *agent, const char *reason,
	char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"agent_token":{...},"secret":hex, null on a dry run}. expires_at: RFC 3339, NULL: a day. */
int db_create_agent_token(db_conn *conn, const db_call *call, const char *agent,
	const char *expires_at, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"items":[agent_token],"next_cursor":text|null} */
int db_list_agent_tokens(db_conn *conn, const db_call *call, const char *agent, int limit,
	const char *cursor, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_revoke_agent_token(db_conn *conn, const db_call *call, const char *token, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* {"offered":bool,...}: a token for the agent that an installer brings along; token_hash: 64 hex
 * digits. No actor. */
int db_offer_agent_token(db_conn *conn, const char *agent, const char *token_hash, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* {"agent":...,"approval_status","created":bool}. call->actor: the hash of the bootstrap key, of a
 * one-time token or of the agent's own key; key_hash: 64 hex digits of the agent's own key, NULL
 * for a 2.0 agent. */
int db_register_agent(db_conn *conn, const db_call *call, const char *agent, const char *platform,
	const char *region, const char *capacity, const char *metadata, int protocol_version,
	const char *key_hash, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"agent","epoch","protocol_version","platform","heartbeat_seconds","replaced_epoch"}.
 * replace_epoch: epoch of the connection found silent, DB_BIGINT_NULL: none. */
int db_connect_agent(db_conn *conn, const db_call *call, const char *agent, const char *instance,
	const char *replica, const char *address, long long replace_epoch, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* All that may stand in the agent's cluster, whole: {"agent","installation_id","generation",
 * "epoch","read_at","objects","count","objects_complete"}. call->actor: the hash of the agent's
 * cleanup key. */
int db_collect_agent_viewers(db_conn *conn, const db_call *call, const char *agent,
	int activity_seconds, char **ret_json, ss_error *err) SS_MUST_CHECK;

int db_collect_agent_objects(db_conn *conn, const db_call *call, const char *agent, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

/* {"agent","changed":bool,"revision"}; key_hash: 64 hex digits. The second is for `init`, without
 * an actor. */
int db_set_cleanup_key(db_conn *conn, const db_call *call, const char *agent, const char *key_hash,
	char **ret_json, ss_error *err) SS_MUST_CHECK;
int db_register_cleanup_key(db_conn *conn, const char *agent, const char *key_hash, char **ret_json,
	ss_error *err) SS_MUST_CHECK;

#endif
