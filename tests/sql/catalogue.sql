-- The catalogue's rules (tests/sql/lib/lint.sql), plpgsql_check over all code, and a flaw planted for each rule.
BEGIN;
SELECT * FROM no_plan();

SELECT is_empty('SELECT * FROM t.lint()', 'no object breaks a rule');
SELECT cmp_ok((SELECT count(*) FROM t.api_function), '>=', 35::bigint, 'and there are functions to look at');
SELECT cmp_ok((SELECT count(*) FROM t.system_function), '>=', 8::bigint, 'some of them on the list of system functions');
SELECT bag_eq($$SELECT p.pronamespace::regnamespace || '.' || p.proname FROM pg_proc AS p WHERE p.proowner = 'streamspace_system'::regrole$$, 'SELECT s.name FROM t.system_function AS s',
	'the list of system functions is exactly what streamspace_system owns');

-- One test a rule, so that a report names it.
SELECT is_empty(format('SELECT l.object FROM t.lint() AS l WHERE l.rule = %L', r.rule), r.rule)
  FROM (VALUES ('security definer'), ('search_path'), ('owner'), ('system list names no function'), ('execute by PUBLIC'),
	('granted to whom it concerns'), ('callable by somebody'), ('comment'), ('volatility'), ('one function a name'),
	('parameters begin with p_'), ('a mutation takes actor, key and dry run last'),
	('the revision to be found stands before the actor'), ('a mutation takes the revision of what it changes'),
	('who takes an actor forgets the org'), ('no refcursor'), ('only ring() notifies'),
	('helpers are granted to no caller'), ('helpers fix their search_path'), ('foreign key without index'),
	('row-level security'), ('tables belong to streamspace_owner'), ('tables are granted to nobody outside'),
	('history is append-only'), ('system functions are not for DBAs'),
	('a partition is granted to nobody'), ('views belong to streamspace_report'), ('views have a comment'),
	('functions never read views'), ('no table outside streamspace_data'), ('roles are harmless groups'),
	('nobody inherits the inner roles'), ('nobody outside may create in our schemas'),
	('only the code enters inner schemas'), ('every refusal is in error_code')) AS r (rule);

-- plpgsql_check: errors and warnings of every function and trigger function of both code schemas.
SELECT is_empty($$
	SELECT p.oid::regprocedure, c.lineno, c.level, c.message, c.detail
	  FROM pg_proc AS p
	  JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
	  LEFT JOIN (SELECT DISTINCT g.tgfoid, first_value(g.tgrelid) OVER (PARTITION BY g.tgfoid ORDER BY g.tgrelid) AS tgrelid
	               FROM pg_trigger AS g) AS g ON g.tgfoid = p.oid,
	       LATERAL plpgsql_check_function_tb(p.oid, coalesce(g.tgrelid, 0), performance_warnings => false,
	               extra_warnings => true, security_warnings => true, fatal_errors => false) AS c
	 WHERE p.pronamespace IN ('streamspace'::regnamespace, 'streamspace_rules'::regnamespace)
$$, 'plpgsql_check finds nothing');
SELECT cmp_ok((SELECT count(*) FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
	WHERE p.pronamespace IN ('streamspace'::regnamespace, 'streamspace_rules'::regnamespace)), '>=', 40::bigint,
	'in a good number of functions');

-- Controls: every rule finds its flaw.
CREATE FUNCTION pg_temp.finds(p_rule text, p_flaw text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_before bigint := (SELECT count(*) FROM t.lint() AS l WHERE l.rule = p_rule);
	v_after bigint;
BEGIN
	BEGIN
		EXECUTE p_flaw;
		v_after := (SELECT count(*) FROM t.lint() AS l WHERE l.rule = p_rule);
		RAISE EXCEPTION USING ERRCODE = 'UNDO1';
	EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
		NULL;
	END;
	RETURN ok(v_after > v_before, format('flaw found: %s', p_rule));
END
$$;

SELECT pg_temp.finds(f.rule, f.flaw) FROM (VALUES
	('security definer', 'ALTER FUNCTION streamspace.get_session SECURITY INVOKER'),
	('search_path', 'ALTER FUNCTION streamspace.get_session SET search_path = pg_catalog'),
	('search_path', 'ALTER FUNCTION streamspace.get_session RESET search_path'),
	('owner', 'ALTER FUNCTION streamspace.get_session OWNER TO streamspace_system'),
	('owner', 'ALTER FUNCTION streamspace.tick OWNER TO streamspace_definer'),
	('system list names no function', $$INSERT INTO t.system_function VALUES ('gone')$$),
	('execute by PUBLIC', 'GRANT EXECUTE ON FUNCTION streamspace.get_session TO PUBLIC'),
	('execute by PUBLIC', $$CREATE FUNCTION streamspace_rules.planted() RETURNS int LANGUAGE sql AS 'SELECT 1'$$),
	('granted to whom it concerns', 'GRANT EXECUTE ON FUNCTION streamspace.get_session TO pg_monitor'),
	('callable by somebody', 'REVOKE EXECUTE ON FUNCTION streamspace.get_session FROM streamspace_api, streamspace_dba'),
	('comment', 'COMMENT ON FUNCTION streamspace.get_session IS NULL'),
	('volatility', 'ALTER FUNCTION streamspace.create_session STABLE'),
	('volatility', 'ALTER FUNCTION streamspace.get_session IMMUTABLE'),
	('one function a name', $$CREATE FUNCTION streamspace.get_session(p_x int) RETURNS int LANGUAGE sql AS 'SELECT 1'$$),
	('parameters begin with p_', $$CREATE FUNCTION streamspace.planted(x int) RETURNS int LANGUAGE sql AS 'SELECT 1'$$),
	('a mutation takes actor, key and dry run last',
	 $$CREATE FUNCTION streamspace.planted(p_dry_run boolean, p_x int) RETURNS int LANGUAGE sql AS 'SELECT 1'$$),
	('the revision to be found stands before the actor',
	 $$CREATE FUNCTION streamspace.planted(p_if_revision bigint, p_x int, p_actor bytea, p_request_id text, p_dry_run boolean) RETURNS int LANGUAGE sql AS 'SELECT 1'$$),
	('a mutation takes the revision of what it changes',
	 $$CREATE FUNCTION streamspace.planted(p_x int, p_actor bytea, p_request_id text, p_dry_run boolean) RETURNS int LANGUAGE sql AS 'SELECT 1'$$),
	('who takes an actor forgets the org', 'ALTER FUNCTION streamspace.get_session RESET streamspace.org'),
	('no refcursor', $$CREATE FUNCTION streamspace.planted() RETURNS refcursor LANGUAGE sql AS 'SELECT NULL::refcursor'$$),
	('only ring() notifies', $$CREATE FUNCTION streamspace_rules.planted() RETURNS void LANGUAGE plpgsql
	 AS 'BEGIN PERFORM pg_catalog.pg_notify($q$x$q$, $q$y$q$); END'$$),
	('only ring() notifies', $$CREATE FUNCTION streamspace_rules.planted() RETURNS void LANGUAGE plpgsql AS 'BEGIN NOTIFY x; END'$$),
	('helpers are granted to no caller', 'GRANT USAGE ON SCHEMA streamspace_rules TO streamspace_api;
	 GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA streamspace_rules TO streamspace_api'),
	('helpers fix their search_path',
	 $$CREATE FUNCTION streamspace_rules.planted() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'$$),
	('foreign key without index', 'DROP INDEX streamspace_data.session_by_owner'),
	('row-level security', 'ALTER TABLE streamspace_data.session DISABLE ROW LEVEL SECURITY'),
	('row-level security', 'CREATE TABLE streamspace_data.planted (org_id int)'),
	('tables belong to streamspace_owner', 'CREATE TABLE streamspace_data.planted (org_id int)'),
	('tables are granted to nobody outside', 'GRANT SELECT ON streamspace_data.session TO streamspace_dba'),
	('tables are granted to nobody outside', 'GRANT SELECT ON streamspace_data.error_code TO PUBLIC'),
	('history is append-only', 'GRANT UPDATE ON streamspace_data.audit_log TO streamspace_system'),
	('history is append-only', 'GRANT DELETE ON streamspace_data.session_event TO streamspace_definer'),
	('system functions are not for DBAs', 'GRANT EXECUTE ON FUNCTION streamspace.tick TO streamspace_dba'),
	('a partition is granted to nobody', (SELECT format('GRANT SELECT ON %s TO streamspace_definer', i.inhrelid::regclass)
	   FROM pg_inherits AS i WHERE i.inhparent = 'streamspace_data.audit_log'::regclass LIMIT 1)),
	('views belong to streamspace_report', 'CREATE VIEW streamspace.planted AS SELECT 1'),
	('views have a comment', 'CREATE VIEW streamspace.planted AS SELECT 1'),
	('functions never read views',
	 $$CREATE FUNCTION streamspace_rules.planted() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM streamspace.v_sessions'$$),
	('no table outside streamspace_data', 'CREATE TABLE streamspace.planted (x int)'),
	('roles are harmless groups', 'ALTER ROLE streamspace_definer BYPASSRLS'),
	('roles are harmless groups', 'ALTER ROLE streamspace_api LOGIN'),
	('nobody inherits the inner roles', 'GRANT streamspace_definer TO api'),
	('nobody outside may create in our schemas', 'GRANT CREATE ON SCHEMA streamspace TO streamspace_dba'),
	('nobody outside may create in our schemas', 'GRANT CREATE ON SCHEMA streamspace_rules TO PUBLIC'),
	('only the code enters inner schemas', 'GRANT USAGE ON SCHEMA streamspace_data TO streamspace_dba'),
	('every refusal is in error_code', 'DELETE FROM streamspace_data.error_code WHERE code = ''quota_exceeded'''))
	AS f (rule, flaw);

CREATE FUNCTION streamspace_rules.planted() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM 1 FROM streamspace_data.session AS s WHERE s.no_such_column = 1;
END
$$;
SELECT isnt_empty($$SELECT * FROM plpgsql_check_function_tb('streamspace_rules.planted()')$$,
	'control: plpgsql_check finds a column that does not exist');

-- The trigger that guards the state machine is there, after the row and in every mode.
SELECT ok(EXISTS (SELECT FROM pg_trigger AS g WHERE g.tgrelid = 'streamspace_data.session'::regclass
	AND g.tgtype & 1 = 1 AND g.tgtype & 2 = 0 AND g.tgtype & 16 = 16 AND g.tgattr::text = '' AND g.tgenabled IN ('O', 'A')),
	'an AFTER UPDATE row trigger stands on session, on no column in particular');

SELECT * FROM finish();
ROLLBACK;
