-- Time: every state that waits ends by its deadline, as the table says; leases, agents and purges. The clock is moved.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();

CREATE FUNCTION pg_temp.tick(p_after interval) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	v_answer jsonb;
BEGIN
	PERFORM set_config('streamspace.clock_offset', p_after::text, true);
	v_answer := t.must(NULL, 'SELECT streamspace.tick()');
	PERFORM set_config('streamspace.clock_offset', '', true);
	RETURN v_answer;
END
$$;

-- A session in every waiting state.
CREATE TEMP TABLE s (state text PRIMARY KEY, id text);
GRANT SELECT ON s TO PUBLIC;
SELECT t.must_as('amy', 'put_template(p_name => ''nowhere'', p_spec => ''{"displayName": "N", "platforms": ["docker"], "baseImage": "registry.test/n:1"}'')');
INSERT INTO s VALUES ('pending', t.must_as('ann', 'create_session(p_template => ''nowhere'')') ->> 'id');  -- no agent has this platform
SELECT t.make_agent('agent-1');
SELECT t.must('api', 'SELECT streamspace.tick()');
SELECT is(t.state(id), state, 'no place: it waits') FROM s;
INSERT INTO s VALUES ('starting', t.create_session('ann'));
INSERT INTO s VALUES ('hibernating', t.create_session('ann')), ('waking', t.create_session('ann')), ('terminating', t.create_session('ann')),
	('failed', t.create_session('ann')), ('running', t.create_session('ann')), ('hibernated', t.create_session('ann'));
CREATE TEMP TABLE c AS SELECT c -> 'message' AS m FROM jsonb_array_elements(t.claim('agent-1')) AS c;
SELECT count(t.report('observe_sessions', 'agent-1', jsonb_build_object('sessionId', s.id, 'state', CASE s.state WHEN 'failed' THEN 'failed' ELSE 'running' END,
	'revision', c.m -> 'revision', 'reason', CASE s.state WHEN 'failed' THEN 'Crashed' END))) FROM s JOIN c ON c.m ->> 'objectId' = s.id
 WHERE s.state IN ('hibernating', 'waking', 'terminating', 'failed', 'running', 'hibernated');
SELECT t.must_as('ann', format('hibernate_session(p_session => %L)', id)) FROM s WHERE state IN ('hibernating', 'waking', 'hibernated');
SELECT t.run_command('agent-1', id, 'hibernated') FROM s WHERE state = 'waking';
SELECT t.must_as('ann', format('wake_session(p_session => %L)', id)) FROM s WHERE state = 'waking';
SELECT t.must_as('ann', format('terminate_session(p_session => %L)', id)) FROM s WHERE state = 'terminating';
SELECT count(t.report('observe_sessions', 'agent-1', jsonb_build_object('sessionId', id, 'state', 'hibernated',
	'revision', (SELECT x.agent_revision FROM streamspace_data.session AS x WHERE x.session_id = s.id)))) FROM s WHERE state = 'hibernated';

SELECT is(t.state(id), state, format('a session is %s', state)) FROM s ORDER BY state;
SELECT bag_eq($$SELECT x.to_state::text FROM streamspace_data.session_transition AS x WHERE x.deadline IS NOT NULL GROUP BY 1$$,
	$$SELECT s.state FROM s WHERE s.state NOT IN ('running', 'hibernated')$$, 'that is every state with a deadline');
SELECT is(x.deadline_at - x.state_at, (SELECT max(y.deadline) FROM streamspace_data.session_transition AS y WHERE y.to_state = x.state),
	format('the deadline of %s is what the table says', x.state))
  FROM streamspace_data.session AS x WHERE x.deadline_at IS NOT NULL ORDER BY x.state;

-- Nothing happens before, and what stays stays.
CREATE TEMP TABLE was AS SELECT x.session_id, x.state FROM streamspace_data.session AS x;
SELECT pg_temp.tick('9 minutes 59 seconds');
SELECT bag_eq('SELECT x.session_id::text, x.state::text FROM streamspace_data.session AS x', 'SELECT w.session_id::text, w.state::text FROM was AS w',
	'a second before the first deadline nothing has changed');

SELECT cmp_ok((pg_temp.tick('10 minutes 1 second') ->> 'deadlines')::int, '=', 5, 'five deadlines of ten minutes');
SELECT is(t.state(s.id), w.want, format('%s becomes %s', s.state, w.want)) FROM s JOIN (VALUES
	('pending', 'failed'), ('starting', 'failed'), ('hibernating', 'failed'), ('waking', 'failed'), ('terminating', 'terminated'),
	('failed', 'failed'), ('running', 'running'), ('hibernated', 'hibernated')) AS w (state, want) USING (state) ORDER BY s.state;
SELECT isnt(t.must('dba', format('SELECT streamspace.get_session(p_session => %L)', s.id)) ->> 'reason', NULL, format('who failed in %s has a reason', s.state))
  FROM s WHERE s.state IN ('pending', 'starting', 'hibernating', 'waking') ORDER BY s.state;
SELECT ok((SELECT x.cleanup_debt FROM streamspace_data.session AS x WHERE x.session_id = s.id), 'whom time terminated leaves a debt')
  FROM s WHERE s.state = 'terminating';
SELECT is((SELECT m.m #>> '{payload,desiredState}' FROM (SELECT c -> 'message' AS m FROM jsonb_array_elements(t.claim('agent-1')) AS c) AS m
	WHERE m.m ->> 'objectId' = (SELECT id FROM s WHERE state = 'waking')), 'stopped', 'a failed one''s compute is stopped');
SELECT is((t.must_as('ann', 'get_me()') #>> '{usage,sessions}')::integer,
	(SELECT count(*)::int FROM streamspace_data.session AS x WHERE x.state <> 'terminated'), 'failed ones still count');

-- A day later the failed ones are ended, and ten minutes after that by force.
SELECT pg_temp.tick('24 hours 11 minutes');
SELECT bag_eq($$SELECT s.state FROM s WHERE t.state(s.id) IN ('terminating', 'terminated')$$,
	ARRAY['pending', 'starting', 'hibernating', 'waking', 'terminating', 'failed'], 'a day later all of them are on their way out');
SELECT pg_temp.tick('24 hours 30 minutes');
SELECT bag_eq($$SELECT s.state FROM s WHERE t.state(s.id) = 'terminated'$$,
	ARRAY['pending', 'starting', 'hibernating', 'waking', 'terminating', 'failed'], 'and end, whether the agent says something or not');
SELECT bag_eq($$SELECT s.state, t.state(s.id) AS now FROM s WHERE s.state IN ('running', 'hibernated')$$, $$VALUES ('running', 'running'), ('hibernated', 'hibernated')$$,
	'what may stay stayed');
SELECT is(t.must_as('ann', 'get_me()') #>> '{usage,sessions}', '2',
	'and only that counts');

-- A sweep does a bounded number of things a call.
UPDATE streamspace_data.agent SET state = 'online' WHERE agent_id = 'agent-1';
SELECT t.create_session('art') FROM generate_series(1, 7);
SELECT set_config('streamspace.clock_offset', '11 minutes', true);
SELECT is((t.must(NULL, 'SELECT streamspace.tick(p_limit => 3)') ->> 'deadlines')::int, 3, 'tick(3) forces three');
SELECT is((t.must(NULL, 'SELECT streamspace.tick(p_limit => 3)') ->> 'deadlines')::int, 3, 'three more');
SELECT is((t.must(NULL, 'SELECT streamspace.tick(p_limit => 3)') ->> 'deadlines')::int, 1, 'and the last');
SELECT set_config('streamspace.clock_offset', '', true);

-- Partitions are made ahead, like those of the migration, and dropped after their retention.
CREATE FUNCTION pg_temp.shape(p_partition regclass) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('owner', k.relowner::regrole, 'rls', k.relrowsecurity, 'acl', coalesce(k.relacl, acldefault('r', k.relowner)),
		'columns', (SELECT jsonb_agg(jsonb_build_array(a.attname, a.atttypid, a.attnotnull) ORDER BY a.attnum) FROM pg_attribute AS a WHERE a.attrelid = k.oid AND a.attnum > 0),
		'indexes', (SELECT jsonb_agg(i.indkey::text ORDER BY i.indkey::text) FROM pg_index AS i WHERE i.indrelid = k.oid))::text
	  FROM pg_class AS k WHERE k.oid = p_partition
$$;
CREATE TEMP TABLE part AS SELECT i.inhparent::regclass AS parent, max(k.relname COLLATE "C") AS name, max(pg_temp.shape(k.oid)) AS shape, count(*) AS n
	FROM pg_inherits AS i JOIN pg_class AS k ON k.oid = i.inhrelid
	WHERE i.inhparent IN ('streamspace_data.session_event'::regclass, 'streamspace_data.audit_log'::regclass) GROUP BY i.inhparent;
SELECT is(n, 4::bigint, format('%s has this month and three more', parent)) FROM part;
SELECT lives_ok(format('DROP TABLE streamspace_data.%I', name), format('without %s', name)) FROM part;
SELECT is((t.must('api', 'SELECT streamspace.tick()') ->> 'partitions')::int, 2, 'tick makes them again');
SELECT is(pg_temp.shape(format('streamspace_data.%I', name)::regclass), shape, format('%s is as it was', name)) FROM part;
SELECT is_empty($$SELECT l.object FROM t.lint() AS l WHERE l.rule IN ('a partition is granted to nobody', 'tables belong to streamspace_owner')$$,
	'granted to nobody');
SELECT is((t.must('api', 'SELECT streamspace.tick()') ->> 'partitions')::int, 0, 'tick again: nothing to make');
SELECT is((t.must('api', 'SELECT streamspace.tick()') ->> 'partitions_dropped')::int, 0, 'nothing is old enough to be dropped');
CREATE FUNCTION pg_temp.old_month(p_table text, p_age interval) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_month timestamp := date_trunc('month', now() AT TIME ZONE 'UTC' - p_age);
	v_name text := format('%s_%s', p_table, to_char(v_month, 'YYYYMM'));
BEGIN
	EXECUTE format('CREATE TABLE streamspace_data.%I PARTITION OF streamspace_data.%I FOR VALUES FROM (%L) TO (%L)', v_name, p_table,
		v_month AT TIME ZONE 'UTC', (v_month + interval '1 month') AT TIME ZONE 'UTC');
	EXECUTE format('ALTER TABLE streamspace_data.%I OWNER TO streamspace_owner', v_name);
	RETURN 'streamspace_data.' || v_name;
END
$$;
CREATE TEMP TABLE old AS SELECT a.age, pg_temp.old_month('session_event', a.age) AS name FROM unnest('{1200 days, 460 days, 370 days}'::interval[]) AS a (age);
SELECT t.must('api', 'SELECT streamspace.tick()') FROM generate_series(1, 5);
SELECT is(to_regclass(name) IS NULL, age > interval '400 days', format('history of %s: retention is 400 days', age)) FROM old;

SELECT * FROM finish();
ROLLBACK;
