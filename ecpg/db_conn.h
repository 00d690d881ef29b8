/*
 * db_conn: a pool of named ECPG connections, and what every data-access call shares.
 *
 * Connection settings come from the libpq environment (PGHOST, PGPORT, PGUSER, PGSERVICE,
 * PGPASSFILE, PGSSLMODE, ...), so that the listener, psql and the migrations use the same, and
 * no secret stands in argv.
 *
 * Every data-access function
 *   - is one statement under autocommit, so one transaction; nothing is retried here: a call
 *     whose connection broke may have been committed;
 *   - takes text and jsonb as UTF-8, NULL for SQL NULL; DB_INT_NULL and DB_BIGINT_NULL stand for
 *     a NULL number, and a NULL argument means the SQL function's default; a hash is 64 hex
 *     digits (SHA-256) or NULL;
 *   - returns 0 with *ret_json set to the answer's text, malloc'd, the caller's to free (ret_json
 *     may be NULL when the answer is of no interest); 1 when there is no row or the answer is
 *     NULL; -1 with *err filled: sqlstate, code, http_status, message, detail, hint as the
 *     database gave them;
 *   - may be called from any thread, by the one that borrowed the connection.
 * Codes beside the database's own: database_unavailable (no or a broken connection), overloaded
 * (serialization failure, deadlock, lock or statement time-out, exhausted pool), internal (all
 * others).
 */
#ifndef SS_ECPG_DB_CONN_H
#define SS_ECPG_DB_CONN_H

#include "common/error.h"

#include <limits.h>
#include <stdbool.h>

typedef struct db_pool db_pool;
typedef struct db_conn db_conn;

#define DB_INT_NULL INT_MIN
#define DB_BIGINT_NULL LLONG_MIN

/* What a caller says about himself; all NULL, 0 and false is a call without an actor. */
typedef struct db_call
{
	const char *actor;      /* 64 hex digits: SHA-256 of the token; NULL: none */
	const char *request_id; /* idempotency key; NULL: none. Queries ignore it */
	long long if_revision;  /* the revision that must be present; 0: any. Queries ignore it */
	bool dry_run;           /* say what would change. Queries ignore it */
} db_call;

typedef struct db_pool_stats
{
	int size;
	int borrowed;
	int waiting;          /* threads in db_borrow() */
	int connected;        /* connections that are open as far as we know */
	long long connects;   /* successful, since start */
	long long failures;   /* failed connection attempts, since start */
	long long broken;     /* connections lost during a call, since start */
	long long exhausted;  /* borrows that ended in overloaded, since start */
	char last_failure[6]; /* SQLSTATE of the last lost or failed connection, or "" */
} db_pool_stats;

/*
 * Makes a pool of `size` (1..100) connections to `database`, all of them closed: the first
 * db_borrow() opens one, so a server may start before its database. Sets PGAPPNAME and
 * PGCONNECT_TIMEOUT (3 s) in the environment where they are unset: call it before other threads
 * start. A process may have several pools.
 */
int db_pool_open(const char *database, int size, db_pool **ret, ss_error *err) SS_MUST_CHECK;

/* All connections must have been returned. NULL is allowed. */
void db_pool_close(db_pool *pool);

void db_pool_read_stats(db_pool *pool, db_pool_stats *ret);

/*
 * Waits up to timeout_ms for a connection and opens it where needed (also when the server has
 * closed it meanwhile). A host that does not answer at all costs PGCONNECT_TIMEOUT more, and holds
 * up every statement of the process for that time (ecpglib connects under a lock); for 200 ms after
 * a failed attempt, or as long as it took, all others fail at once. NULL: err says overloaded (no
 * connection was free in time) or database_unavailable.
 */
db_conn *db_borrow(db_pool *pool, int timeout_ms, ss_error *err) SS_MUST_CHECK;

/* Gives it back. NULL is allowed. */
void db_return(db_conn *conn);

/* Whether no transaction is open on the server side of the connection (for tests and /readyz). */
bool db_is_idle(db_conn *conn);

#endif
