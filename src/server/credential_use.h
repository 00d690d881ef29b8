/*
 * credential_use: which tokens were used since the last flush, and when. A bounded set in memory,
 * filled by whoever finishes a request and emptied into the database by the sweeper, so that a
 * request costs no write of its own. What does not fit is left out: the next use tells as much.
 * Any thread.
 */
#ifndef STREAMSPACE_SERVER_CREDENTIAL_USE_H
#define STREAMSPACE_SERVER_CREDENTIAL_USE_H

#include "ecpg/db_conn.h"

#define CREDENTIAL_USE_MAX 4096        /* tokens between two flushes */
#define CREDENTIAL_USE_FLUSH_MS 3000LL /* between two flushes */

typedef struct credential_uses credential_uses;

int credential_uses_new(credential_uses **ret, ss_error *err) SS_MUST_CHECK;
void credential_uses_free(credential_uses *uses);

/* hash: of a token that the database has just accepted, as hexadecimal digits. */
void credential_uses_add(credential_uses *uses, const char *hash, long long now_ms);

/* Takes all out: an array for record_credential_uses(), malloc'd. NULL: there is none, or no
 * memory. */
char *credential_uses_take(credential_uses *uses, long long now_ms);

/* Writes to the database what there is, when it is time. 0, or -1 with *err filled: what was taken
 * out is lost. */
int credential_uses_flush(
	credential_uses *uses, db_conn *conn, long long now_ms, ss_error *err) SS_MUST_CHECK;

#endif
