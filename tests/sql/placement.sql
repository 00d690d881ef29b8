-- Placement and limits: the agent with the most free places, a reason when there is none, and exact counts.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();

CREATE FUNCTION pg_temp.agent_of(p_session jsonb) RETURNS text LANGUAGE sql AS $$ SELECT p_session ->> 'agent' $$;
CREATE FUNCTION pg_temp.create(p_user text DEFAULT 'ann', p_template text DEFAULT 'term') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must_as(p_user, format('create_session(p_template => %L)', p_template))
$$;

SELECT is(pg_temp.create() ->> 'reason', 'no_agent_available', 'no agent: pending, and that is the reason');
SELECT is(t.must_as('ann', format('terminate_session(p_session => %L)', i ->> 'id')) ->> 'state', 'terminated', 'away with it')
  FROM jsonb_array_elements(t.must_as('ann', 'list_sessions()') -> 'items') AS i;

-- Who gets it.
SELECT t.make_agent('agent-small', 'process', 2), t.make_agent('agent-large', 'process', 4), t.make_agent('agent-kube', 'kubernetes', 1000);
SELECT is(pg_temp.agent_of(pg_temp.create()), 'agent-large', 'the most free places win: 2 and 4');
SELECT is(pg_temp.agent_of(pg_temp.create()), 'agent-large', '2 and 3');
SELECT is(pg_temp.agent_of(pg_temp.create()), 'agent-large', 'a draw goes by name: 2 and 2');
SELECT is(pg_temp.agent_of(pg_temp.create()), 'agent-small', '2 and 1');
SELECT is(pg_temp.agent_of(pg_temp.create()), 'agent-large', '1 and 1');
SELECT is(pg_temp.agent_of(pg_temp.create()), 'agent-small', '1 and 0');
SELECT is((SELECT jsonb_build_array(s ->> 'state', s ->> 'reason', s -> 'agent') FROM pg_temp.create() AS s),
	'["pending", "no_capacity", null]', 'both are full, the third is of another platform: pending');
SELECT bag_eq('SELECT l.agent_id::text, l.sessions FROM t.agent_load AS l',
	$$VALUES ('agent-small', 2), ('agent-large', 4), ('agent-kube', 0)$$, 'the load is what was placed');

-- A place comes free: the sweep gives it to who waits longest.
CREATE TEMP TABLE one AS SELECT s.session_id AS id FROM streamspace_data.session AS s WHERE s.agent_id = 'agent-small' LIMIT 1;
SELECT is(t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', (SELECT id FROM one))) ->> 'state', 'terminated', 'one ends');
SELECT t.must('api', 'SELECT streamspace.tick()');
SELECT is_empty($$SELECT s.session_id FROM streamspace_data.session AS s WHERE s.state = 'pending'$$, 'the waiting one is placed');
SELECT is((SELECT l.sessions FROM t.agent_load AS l WHERE l.agent_id = 'agent-small'), 2, 'in its place');

-- Who does not get any: an agent that is offline, not approved, rejected or draining.
SELECT t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', i ->> 'id'))
  FROM jsonb_array_elements(t.must_as('ann', 'list_sessions()') -> 'items') AS i WHERE i ->> 'state' <> 'terminated';
SELECT bag_eq('SELECT l.agent_id::text, l.sessions FROM t.agent_load AS l',
	$$VALUES ('agent-small', 0), ('agent-large', 0), ('agent-kube', 0)$$, 'all places are free again');
SELECT is(t.report('record_heartbeats', 'agent-large', '{"status": "draining", "activeSessions": 0}'), 'ok', 'the large one drains');
SELECT is(pg_temp.agent_of(pg_temp.create()), 'agent-small', 'so the small one gets it');
SELECT is(t.report('record_heartbeats', 'agent-large', '{"status": "online", "activeSessions": 0}'), 'ok', 'it drains no more');
SELECT is(pg_temp.agent_of(pg_temp.create()), 'agent-large', 'and gets the next');
SELECT t.must('dba', 'SELECT streamspace.reject_agent(p_agent => ''agent-large'', p_reason => ''test'')');
SELECT is(pg_temp.agent_of(pg_temp.create()), 'agent-small', 'a rejected agent gets none');
SELECT is(pg_temp.create() ->> 'state', 'pending', 'also when the others are full');

-- A template that names two platforms goes where there is most room.
SELECT t.must_as('amy', 'put_template(p_name => ''either'',
	p_spec => ''{"displayName": "E", "platforms": ["process", "kubernetes"], "command": ["x"], "baseImage": "registry.test/x:1"}'')');
SELECT is(pg_temp.agent_of(pg_temp.create('ann', 'either')), 'agent-kube', 'two platforms: the one with room');
SELECT is(pg_temp.create('ann', 'either') ->> 'platform', 'kubernetes', 'the session has that platform');

-- Limits. Every session that is not terminated counts, whatever became of it.
SELECT t.make_user('ken', 'red', 'user', 2);
SELECT is(t.code_as('ken', 'create_session(p_template => ''either'')'), want, format('limit of 2: %s', n))
  FROM (VALUES (1, 'ok'), (2, 'ok'), (3, 'quota_exceeded'), (4, 'quota_exceeded')) AS x (n, want);
SELECT is(((t.as('ken', 'create_session(p_template => ''either'')')).detail)::jsonb, '{"scope": "user", "name": "ken", "resource": "sessions", "limit": 2, "used": 2}',
	'the detail says which limit');
SELECT is(t.code('dba', 'SELECT streamspace.create_session(p_template => ''either'', p_owner => ''ken'', p_org => ''red'')'), 'quota_exceeded',
	'for a DBA, too');
SELECT is(t.code_as('amy', 'create_session(p_template => ''either'', p_owner => ''ken'')'), 'quota_exceeded', 'for his administrator, too');
SELECT is(t.must_as('ken', 'get_me()') #>> '{usage,sessions}', '2', 'he is told what he uses');
SELECT is(t.must_as('ken', 'get_me()') #>> '{limits,max_sessions}', '2', 'and what his limit is');
SELECT t.must('dba', format('SELECT streamspace.put_org(p_name => ''blue'', p_display_name => ''Blue'', p_max_sessions => 3, p_max_sessions_per_user => 2)'));
SELECT is(t.code_as(w, 'create_session(p_template => ''term'')'), want, format('blue: 2 a user, 3 in all: %s of %s', n, w))
  FROM (VALUES (1, 'bob', 'ok'), (2, 'bob', 'ok'), (3, 'bob', 'quota_exceeded'), (4, 'bea', 'ok'), (5, 'bea', 'quota_exceeded')) AS x (n, w, want);
SELECT is(((t.as('bea', 'create_session(p_template => ''term'')')).detail)::jsonb ->> 'scope', 'org', 'the second time it is the organisation''s');
SELECT t.must_as('bob', format('terminate_session(p_session => %L)', t.must_as('bob', 'list_sessions()') #>> '{items,0,id}'));
SELECT is(t.code_as('bea', 'create_session(p_template => ''term'')'), 'ok', 'what bob gave back is bea''s');

-- The counters are the rows.
SELECT is_empty('SELECT t.miscounts()', 'what is free and what the rows use is the limit, of every pool');
UPDATE streamspace_data.pool_slot SET sessions = sessions + 1 WHERE slot = 0;
SELECT isnt_empty('SELECT t.miscounts()', 'control: a wrong counter would be seen');

SELECT * FROM finish();
ROLLBACK;
