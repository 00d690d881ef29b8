/*
 * db_event: what has changed since a token, for one actor, and for streams of events.
 *
 * Those without a db_call are the system's, granted to the server's role only. See db_conn.h for
 * the rest.
 */
#ifndef SS_ECPG_DB_EVENT_H
#define SS_ECPG_DB_EVENT_H

#include "ecpg/db_conn.h"

/* {"token","gap","items":[{"kind","id","event","at","session"}],
 * "audience":{"org","user","reach"}}. since NULL: only the token of now. */
int db_read_events(db_conn *conn, const db_call *call, const char *since, const char *org,
	int limit, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* items: [{"actor","org","since"}], 200 at most. The answer has in the same order what
 * db_read_events() gives, or {"error":{"code",…}}. */
int db_read_event_batch(
	db_conn *conn, const char *items, int limit, char **ret_json, ss_error *err) SS_MUST_CHECK;

/* {"token","signals","all","orgs":[…],"users":[…]}: whom it may concern. */
int db_peek_events(db_conn *conn, const char *since, char **ret_json, ss_error *err) SS_MUST_CHECK;

#endif
