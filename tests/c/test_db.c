/*
 * The ECPG layer against a real server: what a call passes and returns, and how a failure is
 * mapped. Runs itself inside tests/bin/with-postgres.
 */
#include "common/cleanup.h"
#include "ecpg/db_agent.h"
#include "ecpg/db_queue.h"
#include "ecpg/db_session.h"
#include "ecpg/db_system.h"
#include "tests/c/db_fixture.h"
#include "tests/c/tap.h"

#define ACTOR "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const db_call nobody = {0};

/* Calls get_session with a wish; every call must leave the connection idle. */
static int call(db_conn *conn, const char *wish, char **ret_json, ss_error *err)
{
	int rc;

	*err = (ss_error)SS_ERROR_INIT;
	rc = db_get_session(conn, &nobody, wish, ret_json, err);
	if (!db_is_idle(conn))
		tap_ok(false, "not idle after %s", wish);
	return rc;
}

static void test_before_loading(db_conn *conn)
{
	ss_error err;

	tap_is_int(call(conn, "{\"raise\":{\"sqlstate\":\"SS404\",\"message\":\"x\"}}", NULL, &err), -1,
		"a refusal before the table is loaded");
	tap_is(err.code, "internal", "is internal");
	tap_is_int(db_error_table_load(conn, &err), 0, "the table of error codes loads");
	tap_is_int(db_error_table_load(conn, &err), 0, "and loads again");
}

static void test_mapping(db_conn *conn)
{
	static const struct
	{
		const char *sqlstate;
		const char *code;
		int http_status;
	} rows[] = {
		{"SS404", "session_not_found", 404},
		{"SS409", "quota_exceeded", 409},
		{"SS999", "internal", 500},
		{"23505", "internal", 500},
		{"P0001", "internal", 500},
		{"XX000", "internal", 500},
		{"40001", "overloaded", 503},
		{"40P01", "overloaded", 503},
		{"53300", "overloaded", 503},
		{"55P03", "overloaded", 503},
		{"57014", "overloaded", 503},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		ss_error err;
		char wish[128];

		snprintf(wish, sizeof wish,
			"{\"raise\":{\"sqlstate\":\"%s\",\"message\":\"m\",\"detail\":\"d\",\"hint\":\"h\"}}",
			rows[i].sqlstate);
		tap_ok(call(conn, wish, NULL, &err) == -1 && strcmp(err.code, rows[i].code) == 0 &&
				   err.http_status == rows[i].http_status &&
				   strcmp(err.sqlstate, rows[i].sqlstate) == 0,
			"%s is %s %d", rows[i].sqlstate, rows[i].code, rows[i].http_status);
		tap_is(err.detail, strncmp(rows[i].sqlstate, "SS", 2) == 0 ? "d" : "",
			"%s: only a refusal of ours shows its detail", rows[i].sqlstate);
	}
}

static void test_texts(db_conn *conn)
{
	ss_error err;

	call(conn,
		"{\"raise\":{\"sqlstate\":\"SS404\",\"message\":\"constant\","
		"\"detail\":\"{\\\"session\\\":\\\"s-1\\\"}\",\"hint\":\"Do that.\"}}",
		NULL, &err);
	tap_is(err.message, "The session does not exist", "the message is the table's title");
	tap_is(err.detail, "{\"session\":\"s-1\"}", "DETAIL is kept");
	tap_is(err.hint, "Do that.", "HINT is kept");
	call(conn, "{\"raise\":{\"sqlstate\":\"SS404\",\"message\":\"constant\"}}", NULL, &err);
	tap_is(err.detail, "", "no DETAIL is none, also after one");
	tap_is(err.hint, "Look at the list.", "without a HINT the table's counts");
	call(conn,
		"{\"raise\":{\"sqlstate\":\"SS404\",\"message\":\"evil\\nDETAIL:  forged\\nHINT:  forged\","
		"\"detail\":\"real\",\"hint\":\"real too\"}}",
		NULL, &err);
	tap_is(err.detail, "real", "a message cannot forge a DETAIL");
	tap_is(err.hint, "real too", "nor a HINT");
	call(conn,
		"{\"raise\":{\"sqlstate\":\"SS404\",\"message\":\"evil\\nDETAIL:  forged\\nHINT:  "
		"forged\"}}",
		NULL, &err);
	tap_is(err.detail, "", "not even where there is no DETAIL");
	tap_is(err.hint, "Look at the list.", "nor HINT");
	call(conn,
		"{\"raise\":{\"sqlstate\":\"23505\",\"message\":\"dup\",\"detail\":\"Key (a)=(b)\","
		"\"hint\":\"h\"}}",
		NULL, &err);
	tap_ok(strstr(err.message, "dup") == NULL && strstr(err.context, "dup Key (a)=(b)") != NULL,
		"of a failure that is no refusal the database's words stand in the context only");
	call(conn, "not json", NULL, &err);
	tap_is(err.sqlstate, "22P02", "a failure of a cast keeps its SQLSTATE");
}

static void test_answers(db_conn *conn)
{
	ss_error err;
	char *json = NULL;
	char *untouched = "x";

	tap_is_int(call(conn, "{\"a\": \"\\u00e4\"}", &json, &err), 0, "an answer");
	tap_is(json, "{\"a\": \"ä\"}", "is passed through as text");
	free(json);
	tap_is_int(call(conn, "{\"null\":true}", &untouched, &err), 1, "a NULL answer is `none`");
	tap_is_int(
		call(conn, "{\"raise\":{\"sqlstate\":\"SS404\",\"message\":\"m\"}}", &untouched, &err), -1,
		"a failure");
	tap_is(untouched, "x", "leaves the output alone");
	tap_is_int(call(conn, "{\"warn\":true}", &json, &err), 0, "01000: a warning is success");
	tap_is(json, "{\"warn\": true}", "with its answer");
	free(json);
	tap_is_int(call(conn, "{\"size\":5000000}", &json, &err), 0, "a long answer");
	tap_is_int((long long)strlen(json), 5000002, "is whole");
	free(json);
	tap_is_int(call(conn, "{}", NULL, &err), 0, "the answer may be unwanted");
}

static void test_parameters(db_conn *conn)
{
	const db_call full = {.actor = ACTOR, .request_id = "r'1", .dry_run = true};
	const db_session_filter all = {0};
	auto_free char *long_objects = malloc(400002);
	ss_error err = SS_ERROR_INIT;
	char *json = NULL;

	tap_is_int(db_create_session(conn, &full,
				   "{\"template\":\"t\",\"owner\":\"o\",\"org\":\"g\",\"parameters\":{\"a\":1},"
				   "\"tags\":[\"x\",\"y z\"]}",
				   60, 3600, &json, &err),
		0, "all parameters");
	tap_is(json,
		"{\"org\": \"g\", \"tags\": [\"x\", \"y z\"], \"actor\": \"" ACTOR
		"\", \"owner\": \"o\", \"dry_run\": true, \"template\": \"t\", \"parameters\": {\"a\": 1}, "
		"\"request_id\": \"r'1\", \"max_seconds\": 3600, \"idle_seconds\": 60}",
		"arrive");
	free(json);
	tap_is_int(
		db_create_session(conn, NULL, "{\"template\":\"\",\"parameters\":null,\"tags\":null}",
			DB_INT_NULL, DB_INT_NULL, &json, &err),
		0, "no call, NULLs");
	tap_is(json,
		"{\"org\": null, \"tags\": null, \"actor\": null, \"owner\": null, \"dry_run\": false, "
		"\"template\": \"\", \"parameters\": null, \"request_id\": null, \"max_seconds\": null, "
		"\"idle_seconds\": null}",
		"arrive as NULL, an empty text as empty");
	free(json);
	tap_is_int(db_list_sessions(conn, NULL, &all, DB_INT_NULL, "c", &json, &err), 0, "NULL");
	tap_is(json, "{\"limit\": null, \"cursor\": \"c\"}", "as a number");
	free(json);
	tap_is_int(db_list_sessions(conn, NULL, &all, 200, NULL, &json, &err), 0, "200");
	tap_is(json, "{\"limit\": 200, \"cursor\": null}", "as a number");
	free(json);
	tap_is_int(
		db_record_inventory(conn, "a", 9007199254740991LL, "[{\"id\":1}]", true, &json, &err), 0,
		"a big epoch");
	tap_is(json, "{\"epoch\": 9007199254740991, \"objects\": [{\"id\": 1}], \"complete\": true}",
		"keeps every digit");
	free(json);
	memset(long_objects, ' ', 400000);
	memcpy(long_objects + 399999, "[]", 3);
	tap_is_int(
		db_record_inventory(conn, "a", 1, long_objects, false, &json, &err), 0, "400 KB of jsonb");
	free(json);
}

static void test_truncation(db_conn *conn)
{
	char version[DB_SCHEMA_VERSION_SIZE] = "before";
	ss_error err = SS_ERROR_INIT;

	tap_is_int(db_schema_version(conn, version, &err), 0, "the schema version");
	tap_is(version, "sessions", "is read");
	db_fixture_run("UPDATE streamspace.word SET w = repeat('v', 127)");
	tap_is_int(db_schema_version(conn, version, &err), 0, "127 bytes fit");
	tap_is_int((long long)strlen(version), 127, "and are whole");
	for (int len = 128; len <= 129; len++)
	{
		char sql[96];

		snprintf(sql, sizeof sql, "UPDATE streamspace.word SET w = repeat('v', %d)", len);
		db_fixture_run(sql);
		tap_is_int(db_schema_version(conn, version, &err), -1, "%d bytes are an error", len);
		tap_is(err.code, "internal", "not a shortened answer");
		tap_is_int((long long)strlen(version), 127, "and the output is left alone");
	}
	db_fixture_run("UPDATE streamspace.word SET w = NULL");
	tap_is_int(db_schema_version(conn, version, &err), 1, "NULL is `none`");
	db_fixture_run("UPDATE streamspace.word SET w = 'sessions'");
}

/* Autocommit: what a call did is there for everybody at once, and a failed one leaves nothing. */
static void test_autocommit(db_conn *conn)
{
	ss_error err = SS_ERROR_INIT;
	const char *before = db_fixture_run("DELETE FROM streamspace.done");

	(void)before;
	tap_is_int(db_create_session(conn, NULL, "{}", 0, 0, NULL, &err), 0, "a call");
	tap_is(db_fixture_run("SELECT count(*) FROM streamspace.done"), "1", "is committed");
	tap_ok(db_is_idle(conn), "and no transaction is open");
}

static void test_unusable(void)
{
	ss_error err = SS_ERROR_INIT;
	db_pool *pool = NULL;
	db_conn *conn;

	tap_is_int(db_pool_open("host=/x dbname=y", 1, &pool, &err), -1, "a target that is no name");
	tap_is(err.code, "invalid_option", "is refused");
	tap_is_int(db_pool_open("postgres", 0, &pool, &err), -1, "a pool of none, too");
	tap_is_int(db_pool_open("no_such_database", 2, &pool, &err), 0, "a pool opens nothing yet");
	conn = db_borrow(pool, 100, &err);
	tap_ok(conn == NULL && strcmp(err.code, "database_unavailable") == 0, "borrowing fails");
	tap_ok(strstr(err.context, "does not exist") != NULL, "and says why: %s", err.context);
	db_return(conn);
	db_pool_close(pool);
}

int main(int argc, char **argv)
{
	ss_error err = SS_ERROR_INIT;
	db_pool *pool = NULL;
	db_conn *conn;

	(void)argc;
	tap_run_inside("with-postgres", argv);
	db_fixture_run(db_fixture_sql);
	if (db_pool_open("postgres", 1, &pool, &err) != 0 || (conn = db_borrow(pool, 0, &err)) == NULL)
	{
		printf("Bail out! %s: %s\n", err.message, err.context);
		return 2;
	}
	test_before_loading(conn);
	test_mapping(conn);
	test_texts(conn);
	test_answers(conn);
	test_parameters(conn);
	test_truncation(conn);
	test_autocommit(conn);
	db_return(conn);
	db_pool_close(pool);
	test_unusable();
	return tap_done();
}
