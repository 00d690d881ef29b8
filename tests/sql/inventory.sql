-- Inventories: what an agent holds against what the database wants, both ways; nothing from an incomplete one.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');
SELECT t.make_agent('agent-2', 'kubernetes');
CREATE TEMP TABLE s AS SELECT n, t.create_session('ann') AS id FROM generate_series(1, 3) AS n;
GRANT SELECT ON s TO PUBLIC;
SELECT t.run_command('agent-1', id, 'running') FROM s;
UPDATE streamspace_data.agent_command SET state = 'completed', finished_at = now() WHERE state IN ('pending', 'sent', 'acked');

CREATE FUNCTION pg_temp.revision(p_n int) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT x.agent_revision FROM streamspace_data.session AS x WHERE x.session_id = (SELECT s.id FROM s WHERE s.n = p_n)
$$;
CREATE FUNCTION pg_temp.object(p_n int, p_revision bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('kind', 'session', 'id', (SELECT s.id FROM s WHERE s.n = p_n), 'revision', p_revision, 'uid', 'u' || p_n, 'state', 'running')
$$;
CREATE FUNCTION pg_temp.inventory(p_objects jsonb, p_complete boolean DEFAULT true, p_epoch bigint DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must('api', format('SELECT streamspace.record_inventory(p_agent => ''agent-1'', p_epoch => %s, p_objects => %L, p_complete => %L)',
		coalesce(p_epoch, t.epoch('agent-1')), p_objects, p_complete))
$$;
-- Templates that the agent should hold: it holds them all, so that only sessions differ here.
CREATE FUNCTION pg_temp.templates() RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('kind', 'template', 'id', t.name || '.' || o.name, 'revision', t.revision, 'uid', 'x', 'state', 'ready')), '[]')
	  FROM streamspace_data.template AS t JOIN streamspace_data.org AS o USING (org_id)
$$;
CREATE FUNCTION pg_temp.waiting() RETURNS SETOF text LANGUAGE sql STABLE AS $$
	SELECT format('%s %s', c.action, (SELECT s.n FROM s WHERE s.id = c.object_id)) FROM streamspace_data.agent_command AS c
	 WHERE c.state = 'pending' AND c.object_kind = 'session'
$$;

SELECT is(pg_temp.inventory(pg_temp.templates() || jsonb_build_array(pg_temp.object(1, pg_temp.revision(1)), pg_temp.object(2, pg_temp.revision(2)),
	pg_temp.object(3, pg_temp.revision(3)))) - 'result', '{"commands": 0, "orphans": 0}', 'all is as it should be: nothing to do');
SELECT is_empty('SELECT pg_temp.waiting()', 'no command');

SELECT is((pg_temp.inventory('[]', false) ->> 'commands')::int, 0, 'an incomplete inventory that is empty');
SELECT is_empty('SELECT pg_temp.waiting()', 'concludes nothing');
SELECT is((pg_temp.inventory(jsonb_build_array('{"kind": "session", "id": "s-zzzzzzzzzzzzzzzzzzzzzzzzzz", "revision": 1, "uid": "u", "state": "running"}'::jsonb), false)
	->> 'orphans')::int, 0, 'not even about what it names');
SELECT is_empty('SELECT o.object_id FROM streamspace_data.agent_orphan AS o', 'no orphan');
SELECT is((pg_temp.inventory('[]', true, t.epoch('agent-1') - 1) ->> 'commands')::int, 0, 'an inventory under an old epoch concludes nothing');
SELECT is_empty('SELECT pg_temp.waiting()', 'really nothing');

-- Missing: a session that was reported a moment ago may be younger than the list; after a minute it is missing.
SELECT is((pg_temp.inventory(jsonb_build_array(pg_temp.object(2, pg_temp.revision(2)), pg_temp.object(3, pg_temp.revision(3)))) ->> 'commands')::int, 0,
	'what was reported a moment ago is not missing');
UPDATE streamspace_data.session SET observed_at = now() - interval '5 minutes';

-- Missing, older, and one that is right.
SELECT is((pg_temp.inventory(pg_temp.templates() || jsonb_build_array(pg_temp.object(2, pg_temp.revision(2) - 1), pg_temp.object(3, pg_temp.revision(3))))
	->> 'commands')::int, 2, 'one missing, one older: two commands');
SELECT bag_eq('SELECT pg_temp.waiting()', ARRAY['start_session 1', 'start_session 2'], 'that bring both about');
SELECT is((SELECT c.payload ->> 'desiredState' FROM streamspace_data.agent_command AS c WHERE c.state = 'pending' AND c.object_id = (SELECT id FROM s WHERE n = 1)),
	'running', 'with the whole desired state');
SELECT is((pg_temp.inventory(pg_temp.templates() || jsonb_build_array(pg_temp.object(2, pg_temp.revision(2) - 1), pg_temp.object(3, pg_temp.revision(3))))
	->> 'commands')::int, 0, 'the same inventory again asks for nothing more');
SELECT is((SELECT count(*) FROM pg_temp.waiting()), 2::bigint, 'two commands wait, not four');

-- A projection that is missing is told by revision 0.
UPDATE streamspace_data.agent_command SET state = 'completed', finished_at = now() WHERE state IN ('pending', 'sent', 'acked');
SELECT is((pg_temp.inventory(pg_temp.templates() || jsonb_build_array(pg_temp.object(1, 0), pg_temp.object(2, pg_temp.revision(2)), pg_temp.object(3, pg_temp.revision(3))))
	->> 'commands')::int, 1, 'revision 0: the projection is gone');
SELECT bag_eq('SELECT pg_temp.waiting()', ARRAY['start_session 1'], 'and is made again');
UPDATE streamspace_data.agent_command SET state = 'completed', finished_at = now() WHERE state IN ('pending', 'sent', 'acked');

-- Unknown: an orphan, stopped after its grace, unless it is seen to be known again.
SELECT is((pg_temp.inventory(pg_temp.templates() || jsonb_build_array(pg_temp.object(1, pg_temp.revision(1)), pg_temp.object(2, pg_temp.revision(2)),
	pg_temp.object(3, pg_temp.revision(3)), '{"kind": "session", "id": "s-zzzzzzzzzzzzzzzzzzzzzzzzzz", "revision": 4, "uid": "u", "state": "running"}'::jsonb))
	->> 'orphans')::int, 1, 'an unknown object is an orphan');
SELECT is_empty('SELECT pg_temp.waiting()', 'that is left alone at first');
SELECT t.must(NULL, 'SELECT streamspace.tick()');
SELECT is_empty($$SELECT c.action FROM streamspace_data.agent_command AS c WHERE c.object_id = 's-zzzzzzzzzzzzzzzzzzzzzzzzzz'$$, 'within its grace');
UPDATE streamspace_data.agent_orphan SET first_seen_at = first_seen_at - interval '11 minutes';
SELECT t.must('api', 'SELECT streamspace.tick()');
SELECT is((SELECT c.action FROM streamspace_data.agent_command AS c WHERE c.object_id = 's-zzzzzzzzzzzzzzzzzzzzzzzzzz'), 'stop_session', 'then it is stopped');
SELECT t.must('api', 'SELECT streamspace.tick()');
SELECT is((SELECT count(*) FROM streamspace_data.agent_command AS c WHERE c.object_id = 's-zzzzzzzzzzzzzzzzzzzzzzzzzz'), 1::bigint, 'once');

-- A session of another agent, and one that is over, are not the agent's either.
SELECT t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', (SELECT id FROM s WHERE n = 3)));
SELECT t.run_command('agent-1', (SELECT id FROM s WHERE n = 3), 'terminated');
SELECT cmp_ok((SELECT (x ->> 'commands')::int + (x ->> 'orphans')::int FROM pg_temp.inventory(pg_temp.templates() || jsonb_build_array(pg_temp.object(1, pg_temp.revision(1)),
	pg_temp.object(2, pg_temp.revision(2)), pg_temp.object(3, pg_temp.revision(3)))) AS x), '>=', 1, 'what is over and still there is seen');

SELECT * FROM finish();
ROLLBACK;
