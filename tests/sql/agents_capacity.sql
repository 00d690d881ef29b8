-- What an agent may hold: what it says of itself, what an administrator lets it, and what its sessions take.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1', 'process', 5);
CREATE FUNCTION pg_temp.agent() RETURNS jsonb LANGUAGE sql AS $$ SELECT t.must('dba', 'SELECT streamspace.get_agent(p_agent => ''agent-1'')') $$;
CREATE FUNCTION pg_temp.states() RETURNS jsonb LANGUAGE sql AS $$
	SELECT coalesce(jsonb_object_agg(x.state, x.n), '{}') FROM (SELECT s.state, count(*) AS n FROM streamspace_data.session AS s WHERE s.state <> 'terminated' GROUP BY s.state) AS x
$$;
CREATE FUNCTION pg_temp.set_agent(p_what text) RETURNS text LANGUAGE sql AS $$ SELECT t.code('dba', format('SELECT streamspace.set_agent(p_agent => ''agent-1'', %s)', p_what)) $$;

SELECT count(t.create_session('ann')) FROM generate_series(1, 8);
SELECT is(pg_temp.states(), '{"starting": 5, "pending": 3}', 'it says 5 of itself');
SELECT is(pg_temp.agent() -> 'used', '{"sessions": 5, "millicores": 5000, "memory_mib": 10240}', 'what they take is told');
SELECT is(t.report('record_heartbeats', 'agent-1', '{"status": "online", "activeSessions": 5, "capacity": {"maxSessions": 6}}'), 'ok', 'it says 6 now');
SELECT t.must('api', 'SELECT streamspace.tick()');
SELECT is(pg_temp.states(), '{"starting": 6, "pending": 2}', 'one more starts');
SELECT is(pg_temp.set_agent('p_max_sessions => 4'), 'ok', 'an administrator lets it have 4');
SELECT is(pg_temp.states(), '{"starting": 6, "pending": 2}', 'those that it has stay');
SELECT t.must('dba', format('SELECT streamspace.terminate_session(p_session => %L, p_force => true)', s.session_id))
  FROM (SELECT * FROM streamspace_data.session AS x WHERE x.state = 'starting' ORDER BY x.session_id LIMIT 2) AS s;
SELECT is(pg_temp.states(), '{"starting": 4, "pending": 2}', 'two end, nothing comes in their place');
SELECT is(pg_temp.set_agent('p_max_sessions => 100'), 'ok', 'more than it says itself');
SELECT is(pg_temp.states(), '{"starting": 6}', 'brings it to the 6 that it says');
SELECT is(pg_temp.set_agent('p_max_sessions => -1, p_max_memory_mib => 15000'), 'ok', 'now memory is the bound');
SELECT is(t.report('record_heartbeats', 'agent-1', '{"status": "online", "activeSessions": 6, "capacity": {"maxSessions": 60}}'), 'ok', 'it says 60');
SELECT count(t.create_session('ann')) FROM generate_series(1, 3);
SELECT is(pg_temp.states(), '{"starting": 7, "pending": 2}', '7 of 2048 MiB go into 15000');
SELECT is(pg_temp.agent() -> 'limits', '{"max_sessions": null, "max_millicores": null, "max_memory_mib": 15000}', 'the bounds are told');
SELECT is_empty('SELECT t.miscounts()', 'every pool is right');

-- Who sees and sets it.
SELECT is(t.must_as('ann', 'get_agent(p_agent => ''agent-1'')'), '{"id": "agent-1", "platform": "process", "state": "online"}', 'users see that it is there');
SELECT is(t.code_as('ann', 'get_agent(p_agent => ''none'')'), 'agent_not_found', 'or not');
SELECT is(t.code_as(who, 'set_agent(p_agent => ''agent-1'', p_draining => true)'), 'forbidden', who || ' sets nothing') FROM (VALUES ('ann'), ('amy')) AS x (who);
SELECT is(pg_temp.set_agent(w), 'invalid_argument', 'not valid: ' || w)
  FROM (VALUES ('p_max_sessions => -2'), ('p_max_sessions => 1000001'), ('p_max_millicores => -2'), ('p_max_memory_mib => 2000000000'), ('p_labels => ''[]'''),
	('p_labels => ''{"a": 1}'''), ('p_labels => ''{"a b": "x"}''')) AS x (w);
SELECT is(t.code('dba', 'SELECT streamspace.set_agent(p_agent => ''none'', p_draining => true)'), 'agent_not_found', 'an agent that is not there');

SELECT * FROM finish();
ROLLBACK;
