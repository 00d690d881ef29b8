-- The DBA's path: functions do for him what they do for REST, with the same refusals; tables are closed to him.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');

-- The same call through both doors: the same session but for the ids, times and the home (each has one of its own), the same rows beside it.
CREATE TEMP TABLE door (who text, s jsonb);
INSERT INTO door SELECT 'rest', t.must_as('root', 'create_session(p_template => ''term'', p_owner => ''ann'', p_org => ''red'')');
INSERT INTO door SELECT 'dba', t.must('dba', 'SELECT streamspace.create_session(p_template => ''term'', p_owner => ''ann'', p_org => ''red'')');
SELECT is((SELECT t.plain(s - 'home', '{}') FROM door WHERE who = 'dba'), (SELECT t.plain(s - 'home', '{}') FROM door WHERE who = 'rest'), 'the same session');
SELECT is((SELECT s ->> 'state' FROM door WHERE who = 'dba'), 'starting', 'placed at once');
SELECT is((SELECT count(*) FROM streamspace_data.agent_command AS c WHERE c.object_id = (SELECT s ->> 'id' FROM door WHERE who = 'dba')), 1::bigint,
	'with its command');
SELECT is((SELECT string_agg(e.event, ' ' ORDER BY e.event_id) FROM streamspace_data.session_event AS e
	WHERE e.session_id = (SELECT s ->> 'id' FROM door WHERE who = 'dba')), 'create place', 'with its events');
SELECT is((SELECT l.actor || ' ' || l.login_role FROM streamspace_data.audit_log AS l
	WHERE l.object_id = (SELECT s ->> 'id' FROM door WHERE who = 'dba')), 'dba:dba dba', 'the audit log names the DBA');
SELECT is((SELECT l.actor || ' ' || l.login_role FROM streamspace_data.audit_log AS l
	WHERE l.object_id = (SELECT s ->> 'id' FROM door WHERE who = 'rest')), 'user:default/root api', 'and else the user');

-- The same refusals, by code, detail and hint.
CREATE FUNCTION pg_temp.refusal(p_answer t.answer) RETURNS text LANGUAGE sql AS $$
	SELECT format('%s %s %s %s', p_answer.code, p_answer.message, p_answer.detail, p_answer.hint)
$$;
SELECT t.make_user('ken', 'red', 'user', 0);
CREATE TEMP TABLE refused AS SELECT c.want, c.call FROM (VALUES
	('template_not_found', 'create_session(p_template => ''none'', p_owner => ''ann'', p_org => ''red'')'),
	('user_not_found', 'create_session(p_template => ''term'', p_owner => ''none'', p_org => ''red'')'),
	('org_not_found', 'create_session(p_template => ''term'', p_owner => ''ann'', p_org => ''none'')'),
	('quota_exceeded', 'create_session(p_template => ''term'', p_owner => ''ken'', p_org => ''red'')'),
	('owner_required', 'create_session(p_template => ''term'', p_org => ''red'')'),
	('invalid_argument', 'create_session(p_template => NULL, p_owner => ''ann'', p_org => ''red'')'),
	('session_not_found', 'terminate_session(p_session => ''s-00000000000000000000000000'')'),
	('invalid_transition', format('wake_session(p_session => %L)', (SELECT s ->> 'id' FROM door WHERE who = 'dba'))),
	('already_exists', 'create_user(p_name => ''ann'', p_org => ''red'', p_role => ''user'', p_display_name => '''', p_max_sessions => NULL)'),
	('invalid_argument', 'create_user(p_name => ''No Name'', p_org => ''red'', p_role => ''user'', p_display_name => '''', p_max_sessions => NULL)'),
	('invalid_argument', 'list_sessions(p_org => ''red'', p_limit => 0)'),
	('invalid_argument', 'list_sessions(p_org => ''red'', p_cursor => ''zz'')'),
	('agent_not_found', 'approve_agent(p_agent => ''agent-none'', p_key_prefix => NULL)')) AS c (want, call);
SELECT is(t.code('dba', format('SELECT streamspace.%s', c.call)), c.want, format('%s: %s', c.want, c.call)) FROM refused AS c;
SELECT is(pg_temp.refusal(t.ask('dba', format('SELECT streamspace.%s', c.call))), pg_temp.refusal(t.as('root', c.call)),
	format('the same by REST: %s', c.call)) FROM refused AS c;

-- Views, and nothing else to read.
SELECT cmp_ok((t.must('dba', 'SELECT count(*) FROM streamspace.v_sessions'))::text::int, '=', 2, 'v_sessions shows both');
SELECT is(t.code(w.who, format('SELECT count(*) FROM streamspace.%I', v.name)), w.want, format('%s reads %s: %s', w.who, v.name, w.want))
  FROM (VALUES ('dba', 'ok'), ('api', '42501')) AS w (who, want), unnest(ARRAY['v_sessions', 'v_agents', 'v_commands', 'v_stuck']) AS v (name);

-- Tables are closed: not read, not written, not by function.
SELECT is(t.code(w.who, format(c.statement, k.oid::regclass)), '42501', format('%s: %s', w.who, format(c.statement, k.oid::regclass)))
  FROM pg_class AS k, (VALUES ('dba'), ('api')) AS w (who),
       (VALUES ('WITH x AS (SELECT count(*) FROM %s) SELECT * FROM x')) AS c (statement)
 WHERE k.relnamespace = 'streamspace_data'::regnamespace AND k.relkind IN ('r', 'p') AND NOT k.relispartition
 ORDER BY k.relname, w.who;
CREATE FUNCTION pg_temp.run(p_login text, p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_result text := 'ok';
BEGIN
	BEGIN
		PERFORM set_config('session_authorization', p_login, true);
		EXECUTE p_sql;
	EXCEPTION WHEN OTHERS THEN
		v_result := SQLSTATE;
	END;
	RESET SESSION AUTHORIZATION;
	RETURN v_result;
END
$$;
GRANT EXECUTE ON FUNCTION pg_temp.run TO PUBLIC;
SELECT is(pg_temp.run(w.who, s.statement), '42501', format('%s: %s', w.who, s.statement)) FROM (VALUES ('dba'), ('api')) AS w (who), (VALUES
	('INSERT INTO streamspace_data.org (name) VALUES (''mine'')'), ('UPDATE streamspace_data.session SET state = ''running'''),
	('DELETE FROM streamspace_data.audit_log'), ('TRUNCATE streamspace_data.session_event'),
	('ALTER TABLE streamspace_data.session DISABLE TRIGGER ALL'), ('DROP TABLE streamspace_data.session CASCADE'),
	('SELECT streamspace_rules.ring(''agent-1'')'), ('SELECT streamspace_rules.enter(NULL)'),
	('CREATE FUNCTION streamspace.mine() RETURNS int LANGUAGE sql AS ''SELECT 1'''),
	('CREATE TABLE public.mine (x int)'), ('CREATE TEMP TABLE mine (x int)'),
	('SET ROLE streamspace_definer'), ('SET ROLE streamspace_owner'), ('SET streamspace.org = ''1''; SET ROLE streamspace_system'))
	AS s (statement);
SELECT isnt(pg_temp.run('dba', 'UPDATE streamspace.v_sessions SET state = ''running'''), 'ok', 'nor through a view');
SELECT is(pg_temp.run('dba', 'SELECT 1'), 'ok', 'control: what is allowed is ok');

-- A caller's own objects do not run inside ours: the search_path is fixed.
CREATE TEMP TABLE ready AS SELECT format('SELECT streamspace.get_me(p_actor => %L)', t.actor('ann')) AS call;
CREATE SCHEMA evil;
GRANT USAGE ON SCHEMA evil TO PUBLIC;
CREATE TABLE evil.called (by text);
CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil ran'; END $$;
CREATE FUNCTION evil.format(text, VARIADIC "any") RETURNS text LANGUAGE internal AS 'text_format';
CREATE FUNCTION evil.sha256(bytea) RETURNS bytea LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil ran'; END $$;
CREATE FUNCTION evil.jsonb_build_object(VARIADIC text[]) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil ran'; END $$;
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil ran'; END $$;
SET LOCAL search_path = evil, pg_catalog, tap;
SELECT throws_ok('SELECT now()', 'evil ran', 'control: outside, it would run');
SELECT is(t.code('api', (SELECT call FROM ready)), 'ok', 'inside ours it does not');
SELECT is(t.code('dba', 'SELECT streamspace.create_session(p_template => ''term'', p_owner => ''ann'', p_org => ''red'')'), 'ok', 'nor there');
RESET search_path;

SELECT * FROM finish();
ROLLBACK;
