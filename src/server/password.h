/*
 * password: argon2id, in a small pool of threads with a bounded queue, so that neither the
 * memory nor the time of hashing grows with the number of log-ins. Any thread.
 *
 * Parameters: m = 19 MiB, t = 2, p = 1 (OWASP Password Storage Cheat Sheet, argon2id). A stored
 * hash carries its own.
 */
#ifndef STREAMSPACE_SERVER_PASSWORD_H
#define STREAMSPACE_SERVER_PASSWORD_H

#include "server/request.h"

#define PASSWORD_MIN 8
#define PASSWORD_MAX 1024
#define PASSWORD_HASH_SIZE REQUEST_HASH_SIZE

/* Encodes a new hash ($argon2id$...) of a password, with a salt of its own. Takes ~30 ms. */
int password_hash(const char *password, char ret[PASSWORD_HASH_SIZE], ss_error *err) SS_MUST_CHECK;

/* 0: it fits. 1: it does not. -1: the hash is none. */
int password_verify(const char *password, const char *hash, ss_error *err) SS_MUST_CHECK;

/* invalid_argument, pointing to `pointer`, when the password is too short or too long. */
int password_check(const char *password, const char *pointer, ss_error *err) SS_MUST_CHECK;

int password_start(server *server, password_pool **ret, ss_error *err) SS_MUST_CHECK;

/*
 * Takes a place in the queue before anything is counted or promised: a log-in that would find the
 * queue full must not cost its user one of his attempts. Fills *err with overloaded when there is
 * none. The place goes with the request, at the latest.
 */
int password_reserve(rest_request *request, ss_error *err) SS_MUST_CHECK;

/* Gives back a place that was not used. */
void password_release(rest_request *request);

/*
 * Runs request->hash in the pool; REST_DONE from it sends the request on to the database with
 * request->step. Takes over the work side of a request that has a place. 1: the pool is stopping,
 * nothing happened.
 */
int password_submit(password_pool *pool, rest_request *request) SS_MUST_CHECK;

size_t password_queue_len(password_pool *pool);

void password_stop(password_pool *pool);

#endif
