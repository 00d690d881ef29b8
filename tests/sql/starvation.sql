-- Sessions that cannot be placed keep nobody waiting who can.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.must('dba', 'SELECT streamspace.put_org(p_name => ''red'', p_max_sessions => 10000, p_max_sessions_per_user => 10000)');
SELECT t.must('dba', $q$SELECT streamspace.put_template(p_name => 'box', p_org => 'red',
	p_spec => '{"platforms": ["docker"], "baseImage": "box"}')$q$);
-- More than one round looks at, of a platform that has no agent.
SELECT is(count(t.must_as('ann', 'create_session(p_template => ''box'')')), 620::bigint, '620 sessions wait for a platform without an agent')
  FROM generate_series(1, 620);
CREATE TEMP TABLE s AS SELECT t.create_session('bob') AS id;
GRANT ALL ON s TO PUBLIC;
UPDATE streamspace_data.session SET created_at = created_at + '1 second' WHERE session_id = (SELECT id FROM s);
SELECT is(t.state(id), 'pending', 'another organisation waits for an agent too') FROM s;
SELECT t.make_agent('agent-1');
SELECT is(t.state(id), 'starting', 'it is placed when its agent connects') FROM s;
SELECT is((SELECT count(*) FROM streamspace_data.session WHERE reason = 'no_agent_available'), 620::bigint, 'the others still wait for theirs');

SELECT t.make_agent('boxes', 'docker', 0);
SELECT is((SELECT count(*) FROM streamspace_data.session WHERE reason = 'no_capacity'), 200::bigint,
	'a connection says of a bounded number that there is an agent now, but no place');
SELECT t.must('api', 'SELECT streamspace.tick()');
SELECT is((SELECT array_agg(DISTINCT reason) FROM streamspace_data.session WHERE state = 'pending'), ARRAY['no_capacity'], 'a sweep of the rest');

SELECT * FROM finish();
ROLLBACK;
