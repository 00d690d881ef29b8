-- What operators see: views and metrics agree with the tables; who is stuck is named, with a way out that works.
BEGIN;
SELECT * FROM no_plan();
SELECT t.stage();
CREATE ROLE exporter LOGIN IN ROLE streamspace_monitor;

SELECT is(t.must('dba', 'SELECT streamspace.schema_version()') #>> '{}', (SELECT c.change FROM sqitch.changes AS c ORDER BY c.committed_at DESC, c.planned_at DESC LIMIT 1),
	'schema_version() is the last migration that is deployed');

-- Metrics: to the server, to a DBA and to an exporter; the exporter sees nothing else.
SELECT is(t.must(w, 'SELECT streamspace.get_metrics()') -> 'sessions', (SELECT jsonb_object_agg(x.state, x.n) FROM (SELECT s.state, count(*) AS n
	FROM streamspace_data.session AS s GROUP BY s.state) AS x), format('%s: sessions by state', w)) FROM unnest(ARRAY['api', 'dba', 'exporter']) AS w;
SELECT is(t.must('exporter', 'SELECT streamspace.get_metrics()') -> 'agents', '{"online": 1}', 'approved agents by state');
SELECT is(t.must('exporter', 'SELECT streamspace.get_metrics()') -> 'agents_pending_approval', '2', 'agents that wait for approval');
SELECT is((SELECT coalesce(sum(e.value::int), 0) FROM jsonb_each_text(t.must('exporter', 'SELECT streamspace.get_metrics()') -> 'commands') AS e),
	(SELECT count(*) FROM streamspace_data.agent_command AS c WHERE c.state IN ('pending', 'sent', 'acked')), 'commands that are not final, by state');
SELECT is(t.code('exporter', c), '42501', format('an exporter may not: %s', c)) FROM unnest(ARRAY['SELECT streamspace.list_users()', 'SELECT streamspace.tick()',
	'SELECT count(*) FROM streamspace.v_sessions', 'SELECT count(*) FROM streamspace_data.session']) AS c;

-- Rows.
SELECT bag_eq('SELECT v.session_id::text, v.state::text, v.org::text, v.owner::text FROM streamspace.v_sessions AS v',
	'SELECT s.session_id::text, s.state::text, o.name::text AS org, u.name::text AS owner FROM streamspace_data.session AS s JOIN streamspace_data.org AS o USING (org_id) JOIN streamspace_data.app_user AS u USING (org_id, user_id)',
	'v_sessions has every session once');
SELECT bag_eq('SELECT v.agent_id::text FROM streamspace.v_agents AS v', 'SELECT a.agent_id::text FROM streamspace_data.agent AS a', 'v_agents has every agent once');
SELECT bag_eq('SELECT v.command_id::text FROM streamspace.v_commands AS v', 'SELECT c.command_id::text FROM streamspace_data.agent_command AS c', 'v_commands has every command once');
SELECT is_empty($$SELECT a.attname FROM pg_attribute AS a WHERE a.attrelid::regclass::text LIKE 'streamspace.v\_%' AND a.attnum > 0
	AND a.attname ~ '(hash|token|secret|password|payload)' AND NOT (a.attrelid = 'streamspace.v_waiting'::regclass AND a.attname = 'payload')$$,
	'no view has a column that holds a secret');
SELECT is(has_table_privilege(r, 'streamspace.v_waiting', 'SELECT'), r = 'api', format('the payload of what waits is for the server only: %s', r)) FROM unnest(ARRAY['api', 'dba', 'exporter']) AS r;

-- Who is stuck.
SELECT t.must_as('ann', format('retry_session(p_session => %L)', id)) FROM t.staged WHERE name = 'failed';
SELECT t.run_command('agent-1', id, 'running') FROM t.staged WHERE name = 'failed';
SELECT is_empty('SELECT * FROM streamspace.v_stuck', 'nobody is stuck');
SELECT t.must_as('amy', 'put_template(p_name => ''nowhere'', p_spec => ''{"displayName": "N", "platforms": ["docker"], "baseImage": "registry.test/n:1"}'')');
CREATE TEMP TABLE w AS SELECT t.must_as('ann', 'create_session(p_template => ''nowhere'')') ->> 'id' AS pending, t.create_session('ann') AS failed, t.create_session('ann') AS debt;
GRANT SELECT ON w TO PUBLIC;
SELECT t.run_command('agent-1', failed, 'failed'), t.run_command('agent-1', debt, 'running') FROM w;
SELECT t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', debt)) FROM w;
SELECT bag_eq('SELECT v.session_id::text, v.why FROM streamspace.v_stuck AS v', $$SELECT pending, 'waiting_for_an_agent' FROM w UNION ALL SELECT failed, 'failed' FROM w
	UNION ALL SELECT debt, 'cleanup_debt' FROM w$$, 'who waits for an agent, failed, or left a debt');
SELECT is_empty('SELECT v.session_id FROM streamspace.v_stuck AS v WHERE v.way_out IS NULL', 'each with a way out');
SELECT is(t.code('dba', 'SELECT ' || v.way_out), 'ok', format('that works: %s', v.why)) FROM streamspace.v_stuck AS v WHERE v.why = 'failed';
SELECT is(t.must('dba', 'SELECT streamspace.get_metrics()') -> 'cleanup_debts', '1', 'the debt is counted');
SELECT t.must('api', format('SELECT streamspace.disconnect_agent(p_agent => ''agent-1'', p_epoch => %s, p_reason => ''test'')', t.epoch('agent-1')));
SELECT is((SELECT v.why FROM streamspace.v_stuck AS v WHERE v.session_id = (SELECT id FROM t.staged WHERE name = 'running')), 'agent_offline', 'an agent that is gone');
SELECT is(t.code('dba', 'SELECT ' || substring(v.way_out FROM 'streamspace\..*')), 'ok', 'force ends it') FROM streamspace.v_stuck AS v
 WHERE v.session_id = (SELECT id FROM t.staged WHERE name = 'running');

SELECT * FROM finish();
ROLLBACK;
