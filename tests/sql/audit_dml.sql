-- Who writes a table without a function leaves a row in the audit log, whoever he is, whichever way; and the health view
-- says when somebody has switched that off. Our own functions, and their cascades, leave none.
BEGIN;
SELECT * FROM no_plan();
SELECT t.stage();
CREATE ROLE mallory SUPERUSER LOGIN;
CREATE TEMP TABLE mark AS SELECT 0::bigint AS id;
CREATE FUNCTION pg_temp.since() RETURNS TABLE (login text, tab text, operation text, query text) LANGUAGE sql AS $$
	WITH x AS (SELECT l.* FROM streamspace_data.audit_log AS l, mark AS m WHERE l.audit_id > m.id AND l.function = 'direct_dml')
	SELECT x.login_role, x.arguments ->> 'table', x.arguments ->> 'operation', x.arguments ->> 'query' FROM x ORDER BY x.audit_id
$$;
CREATE FUNCTION pg_temp.mark() RETURNS void LANGUAGE sql AS $$ UPDATE mark SET id = (SELECT max(l.audit_id) FROM streamspace_data.audit_log AS l) $$;
SELECT pg_temp.mark();

-- Every mutation of the product, and its sweeps and reports: nothing.
CREATE FUNCTION pg_temp.run_calls() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	v_call record;
	v_n bigint := 0;
BEGIN
	FOR v_call IN SELECT c.actor, c.call FROM t.calls() AS c LOOP
		v_n := v_n + (t.code_as(v_call.actor, v_call.call) = 'ok')::int;
	END LOOP;
	RETURN v_n;
END
$$;
SELECT cmp_ok(pg_temp.run_calls(), '>=', 15::bigint, 'the calls of every mutation');
SELECT t.must('api', 'SELECT streamspace.tick()');
SELECT t.must('api', 'SELECT streamspace.seal_audit()');
SELECT is_empty('SELECT * FROM pg_temp.since()', 'no function of ours leaves a row of direct DML');
SELECT cmp_ok((SELECT count(*) FROM streamspace_data.audit_log AS l, mark AS m WHERE l.audit_id > m.id), '>=', 15::bigint, 'control: they were audited');

-- Every table, every operation, by a superuser.
CREATE FUNCTION pg_temp.found(p_table regclass, p_operation text, p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_found record;
BEGIN
	BEGIN
		PERFORM pg_temp.mark();
		SET LOCAL session_replication_role = replica; -- keys and guards are not what is tested, and ENABLE ALWAYS is
		EXECUTE format(p_sql, p_table);
		SELECT x.* INTO v_found FROM pg_temp.since() AS x LIMIT 1;
		RAISE EXCEPTION USING ERRCODE = 'UNDO1';
	EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
		NULL;
	END;
	RETURN is((v_found.login, v_found.tab, v_found.operation)::text, (session_user, (SELECT c.relname FROM pg_class AS c WHERE c.oid = p_table), p_operation)::text,
		format('%s of %s', p_operation, p_table));
END
$$;
SELECT pg_temp.found(c.oid, o.operation, o.sql) FROM pg_class AS c, (VALUES ('delete', 'DELETE FROM %s WHERE false'), ('truncate', 'TRUNCATE %s CASCADE'))
	AS o (operation, sql)
 WHERE c.relnamespace = 'streamspace_data'::regnamespace AND c.relkind IN ('r', 'p') AND NOT (o.operation = 'truncate' AND c.relname ~ '^(org|agent|app_user)$')
 ORDER BY c.relname, o.operation;
SELECT pg_temp.found('streamspace_data.org', 'update', 'UPDATE %s SET display_name = display_name');
SELECT pg_temp.found('streamspace_data.org', 'insert', 'INSERT INTO %s (name) VALUES (''mine'')');
SELECT pg_temp.found('streamspace_data.org', 'insert', 'INSERT INTO %s (name) VALUES (''red'') ON CONFLICT DO NOTHING');
SELECT pg_temp.found('streamspace_data.org', 'update', 'WITH x AS (UPDATE %s SET display_name = ''x'' RETURNING 1) SELECT count(*) FROM x');
SELECT pg_temp.found('streamspace_data.session', 'update', 'MERGE INTO %1$s AS s USING (SELECT 1) AS x (n) ON s.revision = 0 WHEN MATCHED THEN UPDATE SET message = ''x''');

-- By a role that owns the tables, or is one of ours by SET ROLE: the login stands there all the same.
SELECT pg_temp.mark();
SET SESSION AUTHORIZATION mallory;
UPDATE streamspace_data.session SET message = 'mine';
SET ROLE streamspace_owner;
UPDATE streamspace_data.org SET display_name = 'mine';
RESET ROLE;
SET session_replication_role = replica;
DELETE FROM streamspace_data.request;
RESET session_replication_role;
RESET SESSION AUTHORIZATION;
SELECT is((SELECT array_agg(x.login || ' ' || x.tab || ' ' || x.operation) FROM pg_temp.since() AS x WHERE x.tab <> 'session_change'),
	ARRAY['mallory session update', 'mallory org update', 'mallory request delete'], 'a superuser, as owner, and as a replica');
SELECT is((SELECT count(*) FROM pg_temp.since() AS x WHERE x.query <> ''), (SELECT count(*) FROM pg_temp.since()), 'with the query');
SELECT is((SELECT DISTINCT l.org_id IS NULL AND l.actor = 'login:mallory' FROM streamspace_data.audit_log AS l, mark AS m
	WHERE l.audit_id > m.id AND l.function = 'direct_dml'), true, 'in the chain of what belongs to no organisation');
SELECT ok(t.must('dba', 'SELECT streamspace.list_audit(p_org => '''', p_function => ''direct_dml'', p_by => ''login:mallory'')') #>> '{items,0,object}' = 'request',
	'list_audit shows it');

-- A DBA's own login is refused, and is found nowhere but in the log of the server.
SELECT is(t.code('dba', 'WITH x AS (DELETE FROM streamspace_data.org RETURNING 1) SELECT count(*) FROM x'), '42501', 'direct DML of a DBA is refused');

-- What is done to our objects is recorded too: also switching off what records, and back on.
CREATE FUNCTION pg_temp.ddl(p_sql text, p_command text, p_object text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_found record;
BEGIN
	BEGIN
		PERFORM pg_temp.mark();
		EXECUTE p_sql;
		SELECT l.login_role, l.arguments ->> 'command' AS command, l.arguments -> 'objects' AS objects INTO v_found
		FROM streamspace_data.audit_log AS l, mark AS m WHERE l.audit_id > m.id AND l.function = 'direct_ddl' ORDER BY l.audit_id LIMIT 1;
		RAISE EXCEPTION USING ERRCODE = 'UNDO1';
	EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
		NULL;
	END;
	RETURN ok(v_found.login_role = session_user AND v_found.command = p_command AND v_found.objects ? p_object, format('%s: %s %s', p_sql, v_found.command, v_found.objects));
END
$$;
SELECT pg_temp.ddl(x.sql, x.command, x.object) FROM (VALUES
	('ALTER TABLE streamspace_data.org DISABLE TRIGGER direct_dml_is_recorded', 'ALTER TABLE', 'table streamspace_data.org'),
	('SET LOCAL session_replication_role = replica; ALTER TABLE streamspace_data.session DISABLE TRIGGER ALL', 'ALTER TABLE', 'table streamspace_data.session'),
	('DROP TRIGGER session_state_is_guarded ON streamspace_data.session', 'DROP TRIGGER', 'trigger session_state_is_guarded on streamspace_data.session'),
	('DROP POLICY session_of_the_org ON streamspace_data.session', 'DROP POLICY', 'policy session_of_the_org on streamspace_data.session'),
	('ALTER TABLE streamspace_data.session DISABLE ROW LEVEL SECURITY', 'ALTER TABLE', 'table streamspace_data.session'),
	('DROP TABLE streamspace_data.request', 'DROP TABLE', 'table streamspace_data.request'),
	('CREATE OR REPLACE FUNCTION streamspace_rules.head_text(p_number bigint, p_hash bytea) RETURNS text LANGUAGE sql AS ''SELECT NULL''', 'CREATE FUNCTION',
		'function streamspace_rules.head_text(bigint,pg_catalog.bytea)'),
	('ALTER FUNCTION streamspace.get_session SECURITY INVOKER', 'ALTER FUNCTION', 'function streamspace.get_session(pg_catalog.text,pg_catalog.bytea)'),
	('CREATE VIEW streamspace.planted AS SELECT 1', 'CREATE VIEW', 'view streamspace.planted')) AS x (sql, command, object);
SELECT pg_temp.mark();
CREATE TABLE public.nobody (x int);
DROP TABLE public.nobody;
SELECT is_empty('SELECT l.arguments FROM streamspace_data.audit_log AS l, mark AS m WHERE l.audit_id > m.id', 'what others do to objects of theirs is not ours to record');
CREATE ROLE guest LOGIN;
GRANT CREATE ON SCHEMA public TO guest;
SET SESSION AUTHORIZATION guest;
CREATE TABLE public.mine (x int);
DROP TABLE public.mine;
RESET SESSION AUTHORIZATION;
SELECT pass('nor in their way');

-- Partitions that are made later are watched too.
SELECT c.relname AS gone FROM pg_class AS c WHERE c.relname ~ '^audit_log_[0-9]{6}$' ORDER BY c.relname DESC LIMIT 1 \gset
DROP TABLE streamspace_data.:gone;
SELECT is((SELECT v.detail FROM streamspace.v_health AS v WHERE v.check_name = 'partitions_are_there'), NULL, 'the farthest month is not missed yet');
SELECT t.must('api', 'SELECT streamspace.tick()');
SELECT pg_temp.found(('streamspace_data.' || :'gone')::regclass, 'delete', 'DELETE FROM %s WHERE false');

-- Health: all is well, and then each thing is broken.
SELECT is_empty('SELECT v.* FROM streamspace.v_health AS v WHERE NOT v.ok', 'all is well');
SELECT cmp_ok((SELECT count(*) FROM streamspace.v_health), '>=', 8::bigint, 'in every check');
CREATE FUNCTION pg_temp.sick(p_check text, p_detail text, p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_sick text[];
	v_detail text;
BEGIN
	BEGIN
		EXECUTE p_sql;
		SELECT array_agg(v.check_name), max(v.detail) FILTER (WHERE v.check_name = p_check) INTO v_sick, v_detail
		FROM streamspace.v_health AS v WHERE NOT v.ok AND v.way_out IS NOT NULL;
		RAISE EXCEPTION USING ERRCODE = 'UNDO1';
	EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
		NULL;
	END;
	RETURN ok(p_check = ANY (v_sick) AND v_detail ~ p_detail, format('%s: %s', p_check, p_sql));
END
$$;
SELECT pg_temp.sick(x.name, x.detail, x.sql) FROM (VALUES
	('direct_dml_is_recorded', '^org$', 'ALTER TABLE streamspace_data.org DISABLE TRIGGER direct_dml_is_recorded'),
	('direct_dml_is_recorded', '^org$', 'ALTER TABLE streamspace_data.org ENABLE TRIGGER direct_dml_is_recorded'),
	('direct_dml_is_recorded', '^org$', 'DROP TRIGGER direct_dml_is_recorded ON streamspace_data.org'),
	('direct_dml_is_recorded', '^planted$', 'CREATE TABLE streamspace_data.planted (x int)'),
	('direct_ddl_is_recorded', '^streamspace_ddl_is_recorded$', 'ALTER EVENT TRIGGER streamspace_ddl_is_recorded DISABLE'),
	('direct_ddl_is_recorded', '^streamspace_drop_is_recorded$', 'DROP EVENT TRIGGER streamspace_drop_is_recorded'),
	('triggers_are_on', 'direct_dml_is_recorded on org', 'ALTER TABLE streamspace_data.org DISABLE TRIGGER ALL'),
	('triggers_are_on', 'on session', 'ALTER TABLE streamspace_data.session ENABLE REPLICA TRIGGER session_state_is_guarded'),
	('session_is_guarded', '^session_state_is_guarded$', 'ALTER TABLE streamspace_data.session DISABLE TRIGGER session_state_is_guarded'),
	('session_is_guarded', '^session_change_is_recorded$', 'DROP TRIGGER session_change_is_recorded ON streamspace_data.session'),
	('row_security_is_on', '^session$', 'ALTER TABLE streamspace_data.session DISABLE ROW LEVEL SECURITY'),
	('row_security_is_on', 'audit_log_', format('ALTER TABLE streamspace_data.%s DISABLE ROW LEVEL SECURITY', :'gone')),
	('partitions_are_there', to_char(now() AT TIME ZONE 'UTC', '"audit_log_"YYYYMM'), format('DROP TABLE streamspace_data.audit_log_%s', to_char(now() AT TIME ZONE 'UTC', 'YYYYMM'))),
	('partitions_are_there', 'session_event_202002, session_event_202003', 'CREATE TABLE streamspace_data.session_event_202001 PARTITION OF streamspace_data.session_event
	 FOR VALUES FROM (''2020-01-01Z'') TO (''2020-02-01Z'')'),
	('retention_is_done', 'session_event_202001', 'CREATE TABLE streamspace_data.session_event_202001 PARTITION OF streamspace_data.session_event
	 FOR VALUES FROM (''2020-01-01Z'') TO (''2020-02-01Z'')'),
	('audit_is_sealed', '^[0-9]+ rows wait', 'SET LOCAL session_replication_role = replica; ALTER TABLE streamspace_data.audit_log DISABLE TRIGGER ALL;
	 UPDATE streamspace_data.audit_log SET at = now() - interval ''2 minutes''')) AS x (name, detail, sql);

SELECT * FROM finish();
ROLLBACK;
