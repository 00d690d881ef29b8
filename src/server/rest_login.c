/*
 * rest_login: log-in, set-password and change-password, whose work alternates between database and
 * password pool. SQL sees hashes only. An unknown user costs the same as a known one: SQL gives a
 * dummy hash.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/json.h"
#include "common/strbuf.h"
#include "ecpg/db_identity.h"
#include "server/cookie.h"
#include "server/password.h"
#include "server/request.h"
#include "server/rest_steps.h"

static bool wants_cookie(const rest_request *r)
{
	const char *cookie = request_field_bool(r, "cookie");
	return cookie != NULL && strcmp(cookie, "true") == 0;
}

/* No other page gets its visitor logged in here, and no token travels in clear between machines. */
static int check_cookie_place(const rest_request *r, ss_error *err)
{
	if (!wants_cookie(r) || r->origin >= ORIGIN_LOOPBACK)
		return 0;
	return answer_refuse(err, "origin_refused", "header", "Origin", "%s",
		r->origin == ORIGIN_PLAIN ? "A cookie is given by https only, or on the machine itself."
								  : "A cookie is given to the page of this server only.");
}

/* The token, which SQL never saw: in front of SQL's object, or as a cookie. */
static rest_next pass_token(rest_request *r, const char *token, const char *json, ss_error *err)
{
	if (wants_cookie(r))
	{
		rest_next next = rest_pass(r, 0, strdup(json), err);
		cookie_format(token, r->origin == ORIGIN_LOOPBACK, r->out.set_cookie);
		return next;
	}
	auto_strbuf ss_strbuf body = SS_STRBUF_INIT;
	ss_strbuf_appendf(&body, "{\"token\":\"%s\",%s", token, json + strspn(json, " {"));
	return rest_pass(r, 0, ss_strbuf_take(&body), err);
}

static rest_next complete(rest_request *r, db_conn *conn, ss_error *err)
{
	char token[SS_HEX_SIZE];
	char hash[SS_HEX_SIZE];
	auto_free char *json = NULL;
	if (ss_random_token(token, err) || ss_sha256_hex(token, SS_HEX_SIZE - 1, hash, err))
		return REST_FAILED;
	int rc = db_complete_login(conn, request_field(r, "org"), request_field(r, "user"), r->secret,
		hash, r->peer, r->user_agent[0] ? r->user_agent : NULL, &json, err);
	if (rc != 0)
		return rest_pass(r, rc, NULL, err);

	rest_next next = pass_token(r, token, json, err);
	ss_crypto_wipe(token, sizeof token);
	return next;
}

/* Keeps the hash of a challenge for the password pool. */
static int take_challenge(rest_request *r, const char *json, ss_error *err)
{
	auto_cjson cJSON *challenge = cJSON_Parse(json);
	const char *hash = ss_json_string(challenge, "password_hash");
	if (hash == NULL || strlen(hash) >= sizeof r->secret)
		return ss_fail(err, "internal", "the challenge has no hash");
	snprintf(r->secret, sizeof r->secret, "%s", hash);
	return 0;
}

/* Refused, and written down: also for who guesses a name. */
static rest_next refuse(rest_request *r, db_conn *conn, ss_error *err)
{
	if (db_record_failed_login(conn, request_field(r, "org"), request_field(r, "user"), r->peer,
			r->user_agent[0] ? r->user_agent : NULL, err) == 0)
		ss_fail(err, "invalid_credentials", "User or password is wrong.");
	return REST_FAILED;
}

/* In the password pool. */
static rest_next verify(rest_request *r, ss_error *err)
{
	int rc = password_verify(request_field(r, "password"), r->secret, err);
	if (rc < 0)
		return REST_FAILED;
	r->step = rc > 0 ? refuse : complete;
	return REST_DONE;
}

rest_next rest_login(rest_request *r, db_conn *conn, ss_error *err)
{
	auto_free char *json = NULL;
	if (check_cookie_place(r, err))
		return REST_FAILED;
	if (strlen(request_field(r, "password")) > PASSWORD_MAX)
	{
		ss_fail(err, "invalid_credentials", "User or password is wrong.");
		return REST_FAILED;
	}
	if (password_reserve(r, err))
		return REST_FAILED;
	int rc = db_login_challenge(
		conn, request_field(r, "org"), request_field(r, "user"), r->peer, &json, err);
	if (rc != 0)
		return rest_pass(r, rc, NULL, err);
	if (take_challenge(r, json, err))
		return REST_FAILED;
	r->hash = verify;
	return REST_HASH;
}

static rest_next store(rest_request *r, db_conn *conn, ss_error *err)
{
	const char *token = request_field(r, "token");
	char hash[SS_HEX_SIZE];
	char *json = NULL;
	if (ss_sha256_hex(token, strlen(token), hash, err))
		return REST_FAILED;
	int rc = db_set_password(conn, hash, r->secret, r->peer, &json, err);
	return rest_pass(r, rc, json, err);
}

/* In the password pool. */
static rest_next hash_new_password(rest_request *r, ss_error *err)
{
	if (password_hash(request_field(r, "password"), r->secret, err))
		return REST_FAILED;
	r->step = store;
	return REST_DONE;
}

/* Nobody without a token makes us hash. */
rest_next rest_set_password(rest_request *r, db_conn *conn, ss_error *err)
{
	const char *token = request_field(r, "token");
	char hash[SS_HEX_SIZE];
	if (!ss_hex_is_token(token))
	{
		ss_fail(err, "token_invalid", "The token has not the form of one.");
		return REST_FAILED;
	}
	if (password_check(request_field(r, "password"), "/password", err) ||
		ss_sha256_hex(token, strlen(token), hash, err))
		return REST_FAILED;
	int rc = db_check_password_token(conn, hash, err);
	if (rc != 0)
		return rest_pass(r, rc, NULL, err);
	if (password_reserve(r, err))
		return REST_FAILED;
	r->hash = hash_new_password;
	return REST_HASH;
}

static rest_next change(rest_request *r, db_conn *conn, ss_error *err)
{
	char *json = NULL;
	int rc = db_change_password(conn, &r->call, r->verified, r->secret, &json, err);
	return rest_pass(r, rc, json, err);
}

/* In the password pool: the present one verified, the new one hashed. */
static rest_next verify_and_hash(rest_request *r, ss_error *err)
{
	int rc = password_verify(request_field(r, "password"), r->secret, err);
	if (rc > 0)
		ss_fail(err, "invalid_credentials", "The present password is wrong.");
	if (rc != 0)
		return REST_FAILED;
	memcpy(r->verified, r->secret, sizeof r->verified);
	if (password_hash(request_field(r, "new_password"), r->secret, err))
		return REST_FAILED;
	r->step = change;
	return REST_DONE;
}

rest_next rest_change_password(rest_request *r, db_conn *conn, ss_error *err)
{
	auto_free char *json = NULL;
	/* Who it is before anything else; what is refused for its form costs no attempt. */
	int rc = db_get_me(conn, &r->call, NULL, err);
	if (rc != 0)
		return rest_pass(r, rc, NULL, err);
	if (password_check(request_field(r, "new_password"), "/new_password", err))
		return REST_FAILED;
	if (strlen(request_field(r, "password")) > PASSWORD_MAX)
	{
		ss_fail(err, "invalid_credentials", "The present password is wrong.");
		return REST_FAILED;
	}
	if (password_reserve(r, err))
		return REST_FAILED;
	rc = db_password_challenge(conn, &r->call, &json, err);
	if (rc != 0)
		return rest_pass(r, rc, NULL, err);
	if (take_challenge(r, json, err))
		return REST_FAILED;
	r->hash = verify_and_hash;
	return REST_HASH;
}
