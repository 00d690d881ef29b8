/*
 * db_fixture: a schema `streamspace` in place of ours, whose functions do what a test of the ECPG
 * layer asks for: refuse with any SQLSTATE, answer NULL, echo. Rules are tested in tests/sql.
 */
#ifndef TESTS_C_DB_FIXTURE_H
#define TESTS_C_DB_FIXTURE_H

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * get_session(p_session): p_session is JSON: {"raise":…} refuses, {"warn":true} warns first,
 * {"null":true} is NULL, {"sleep":s} waits, {"size":n} answers a text of n bytes.
 * create_session echoes its parameters; record_inventory and list_sessions theirs.
 */
static const char db_fixture_sql[] =
	"CREATE SCHEMA streamspace;"
	"CREATE TABLE streamspace.word AS SELECT 'sessions'::text AS w;"
	"CREATE TABLE streamspace.done (n int);"
	"CREATE FUNCTION streamspace.get_session(p_session text, p_actor bytea DEFAULT NULL)"
	"	RETURNS jsonb LANGUAGE plpgsql AS $$"
	"	DECLARE v jsonb := p_session; r jsonb := v->'raise';"
	"	BEGIN"
	"		IF v ? 'warn' THEN RAISE WARNING 'careful'; END IF;"
	"		IF v ? 'null' THEN RETURN NULL; END IF;"
	"		IF v ? 'sleep' THEN PERFORM pg_sleep((v->>'sleep')::float); END IF;"
	"		IF v ? 'pid' THEN RETURN to_jsonb(pg_backend_pid()); END IF;"
	"		IF v ? 'size' THEN RETURN to_jsonb(repeat('x', (v->>'size')::int)); END IF;"
	"		IF r ? 'sqlstate' AND r ? 'detail' THEN"
	"			RAISE EXCEPTION USING ERRCODE = r->>'sqlstate', MESSAGE = r->>'message',"
	"				DETAIL = r->>'detail', HINT = r->>'hint';"
	"		ELSIF r ? 'sqlstate' THEN"
	"			RAISE EXCEPTION USING ERRCODE = r->>'sqlstate', MESSAGE = r->>'message';"
	"		END IF;"
	"		RETURN v;"
	"	END $$;"
	"CREATE FUNCTION streamspace.create_session(p_template text, p_owner text, p_org text,"
	"	p_parameters jsonb, p_resources jsonb, p_placement jsonb, p_name text, p_tags text[],"
	"	p_home text, p_idle_seconds int, p_max_seconds int,"
	"	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT "
	"false)"
	"	RETURNS jsonb LANGUAGE plpgsql AS $$"
	"	BEGIN"
	"		INSERT INTO streamspace.done VALUES (1);"
	"		RETURN jsonb_build_object('template', p_template, 'owner', p_owner, 'org', p_org,"
	"			'parameters', p_parameters, 'tags', p_tags, 'idle_seconds', p_idle_seconds,"
	"			'max_seconds', p_max_seconds, 'actor', encode(p_actor, 'hex'), 'request_id', "
	"p_request_id, 'dry_run', p_dry_run);"
	"	END $$;"
	"CREATE FUNCTION streamspace.list_sessions(p_state text, p_owner text, p_org text,"
	" p_template text, p_tag text, p_shared boolean, p_limit int,"
	"	p_cursor text, p_actor bytea) RETURNS jsonb LANGUAGE sql AS $$"
	"	SELECT jsonb_build_object('limit', p_limit, 'cursor', p_cursor) $$;"
	"CREATE FUNCTION streamspace.record_inventory(p_agent text, p_epoch bigint, p_objects jsonb,"
	"	p_complete boolean) RETURNS jsonb LANGUAGE sql AS $$"
	"	SELECT jsonb_build_object('epoch', p_epoch, 'objects', p_objects, 'complete', p_complete) "
	"$$;"
	"CREATE FUNCTION streamspace.schema_version() RETURNS text LANGUAGE sql AS $$"
	"	SELECT w FROM streamspace.word $$;"
	"CREATE FUNCTION streamspace.list_error_codes() RETURNS TABLE (sqlstate text, code text,"
	"	http_status int, title text, hint text) LANGUAGE sql AS $$ VALUES"
	"	('SS404', 'session_not_found', 404, 'The session does not exist', 'Look at the list.'),"
	"	('SS409', 'quota_exceeded', 409, 'A limit is reached', NULL),"
	"	(NULL, 'overloaded', 503, 'The server is busy', 'Try again in a moment.') $$;";

/* Runs SQL by a plain connection of its own, as the test's superuser. Returns the first value. */
static inline const char *db_fixture_run(const char *sql)
{
	static char value[256];
	PGconn *pg = PQconnectdb("");
	PGresult *result = PQexec(pg, sql);

	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
	{
		printf("Bail out! %s\n", PQerrorMessage(pg));
		exit(2);
	}
	snprintf(value, sizeof value, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	PQfinish(pg);
	return value;
}

#endif
