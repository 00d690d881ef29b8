-- Who is stuck, and why: list_stuck() tells an organisation what v_stuck tells a DBA, in pages, to those whom it concerns.
BEGIN;
SELECT * FROM no_plan();
SELECT t.stage();

-- All pages of somebody's list: id and reason of each, in order.
CREATE FUNCTION pg_temp.stuck(p_user text, p_filter text DEFAULT 'p_why => NULL', p_limit int DEFAULT 200) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	v_page jsonb;
	v_cursor text;
	v_all text[] := '{}';
BEGIN
	FOR i IN 1..50 LOOP
		v_page := t.must_as(p_user, format('list_stuck(%s, p_limit => %s, p_cursor => %L)', p_filter, p_limit, v_cursor));
		IF jsonb_array_length(v_page -> 'items') > p_limit THEN
			RAISE EXCEPTION 'a page of %', jsonb_array_length(v_page -> 'items');
		END IF;
		v_all := v_all || ARRAY(SELECT (x.i #>> '{session,id}') || ' ' || (x.i ->> 'why')
			FROM jsonb_array_elements(v_page -> 'items') WITH ORDINALITY AS x (i, n) ORDER BY x.n);
		v_cursor := v_page ->> 'next_cursor';
		EXIT WHEN v_cursor IS NULL;
	END LOOP;
	RETURN v_all;
END
$$;
-- What v_stuck says of an organisation, newest first.
CREATE FUNCTION pg_temp.viewed(p_org text, p_why text DEFAULT NULL) RETURNS text[] LANGUAGE sql AS $$
	SELECT ARRAY(SELECT v.session_id || ' ' || v.why FROM streamspace.v_stuck AS v JOIN streamspace_data.session AS s USING (session_id)
		WHERE v.org = p_org AND (p_why IS NULL OR v.why = p_why) ORDER BY s.created_at DESC, s.session_id DESC)
$$;

SELECT t.must_as('ann', format('retry_session(p_session => %L)', id)) FROM t.staged WHERE name = 'failed';
SELECT t.run_command('agent-1', id, 'running') FROM t.staged WHERE name = 'failed';
SELECT is(pg_temp.stuck('amy'), '{}', 'nobody is stuck');

-- Each reason once, and one that waits in another organisation.
SELECT t.must_as(w, 'put_template(p_name => ''nowhere'', p_spec => ''{"displayName": "N", "platforms": ["docker"], "baseImage": "registry.test/n:1"}'')')
  FROM unnest(ARRAY['amy', 'bea']) AS w;
SELECT t.make_agent('agent-2', 'process');
CREATE TEMP TABLE w (name text PRIMARY KEY, id text NOT NULL);
INSERT INTO w SELECT n, t.create_session('ann') FROM unnest(ARRAY['failed', 'again', 'debt', 'late', 'other', 'fine']) AS n;
INSERT INTO w SELECT 'waits-' || n, t.must_as('ann', 'create_session(p_template => ''nowhere'')') ->> 'id' FROM generate_series(1, 3) AS n;
INSERT INTO w SELECT 'foreign', t.must_as('bob', 'create_session(p_template => ''nowhere'')') ->> 'id';
GRANT SELECT ON w TO PUBLIC;
SELECT t.run_command(s.agent_id, w.id, CASE WHEN w.name IN ('failed', 'again') THEN 'failed' ELSE 'running' END)
  FROM w JOIN streamspace_data.session AS s ON s.session_id = w.id WHERE s.agent_id IS NOT NULL AND w.name <> 'late';
SELECT t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', id)) FROM w WHERE name = 'debt';
UPDATE streamspace_data.session SET retry_at = now() + interval '1 minute' WHERE session_id = (SELECT id FROM w WHERE name = 'again');
UPDATE streamspace_data.session SET deadline_at = now() - interval '1 minute' WHERE session_id = (SELECT id FROM w WHERE name = 'late');
UPDATE streamspace_data.session SET observed_state = 'failed' WHERE session_id = (SELECT id FROM w WHERE name = 'other');
-- In one transaction all have one time; give them different ones, and some that are equal.
UPDATE streamspace_data.session SET created_at = now() - (n.n / 2) * interval '1 minute'
  FROM (SELECT s.session_id AS id, row_number() OVER (ORDER BY s.session_id) AS n FROM streamspace_data.session AS s) AS n
 WHERE session_id = n.id;

SELECT is(ARRAY(SELECT x FROM unnest(pg_temp.stuck('amy')) AS x ORDER BY x), ARRAY(SELECT w.id || ' ' || k.why FROM w JOIN (VALUES ('failed', 'failed'),
	('debt', 'cleanup_debt'), ('late', 'past_deadline'), ('other', 'observed_differs'), ('waits-1', 'waiting_for_an_agent'),
	('waits-2', 'waiting_for_an_agent'), ('waits-3', 'waiting_for_an_agent')) AS k (name, why) USING (name) ORDER BY 1),
	'each for its reason; who is tried again by itself, or runs, is not stuck');
SELECT is(pg_temp.stuck('amy', 'p_why => NULL', n), pg_temp.viewed('red'), format('by pages of %s: what v_stuck says, newest first', n))
  FROM unnest(ARRAY[1, 2, 3, 7, 200]) AS n;
SELECT is(pg_temp.stuck('amy', format('p_why => %L', y), 2), pg_temp.viewed('red', y), format('those that are stuck for %s', y))
  FROM unnest(ARRAY['cleanup_debt', 'past_deadline', 'failed', 'agent_offline', 'waiting_for_an_agent', 'observed_differs']) AS y;
SELECT is(pg_temp.stuck('bea'), pg_temp.viewed('blue'), 'another organisation has its own');
SELECT is(pg_temp.stuck('root', 'p_org => ''red'''), pg_temp.viewed('red'), 'the administrator of the platform asks for any');

-- An agent that is gone: all that it had, but for those with a reason that comes first.
SELECT t.must('api', format('SELECT streamspace.disconnect_agent(p_agent => %L, p_epoch => %s, p_reason => ''test'')', a, t.epoch(a))) FROM unnest(ARRAY['agent-1', 'agent-2']) AS a;
SELECT is(pg_temp.stuck('amy', 'p_why => NULL', n), pg_temp.viewed('red'), format('agents are gone; by pages of %s', n)) FROM unnest(ARRAY[1, 3, 200]) AS n;
SELECT ok(EXISTS (SELECT FROM unnest(pg_temp.stuck('amy', 'p_why => ''agent_offline''')) AS x WHERE x = (SELECT id FROM w WHERE name = 'fine') || ' agent_offline'), 'who ran there');
SELECT is(pg_temp.stuck('amy', 'p_why => ''agent_offline''', 2), pg_temp.viewed('red', 'agent_offline'), 'and nobody else');

-- A row.
SELECT is(i -> 'session', t.must_as('amy', format('get_session(p_session => %L)', i #>> '{session,id}')), format('%s: the session as everywhere', i ->> 'why'))
  FROM jsonb_array_elements(t.must_as('amy', 'list_stuck()') -> 'items') AS i;
SELECT is_empty($$SELECT i FROM jsonb_array_elements(t.must_as('amy', 'list_stuck()') -> 'items') AS i WHERE length(i ->> 'way_out') < 20$$, 'each with a way out');

-- Who may, and what may be asked.
SELECT is(t.code_as(u, 'list_stuck()'), c, u) FROM (VALUES ('ann', 'forbidden'), ('amy', 'ok'), ('root', 'ok')) AS x (u, c);
SELECT is(t.code_as('amy', format('list_stuck(%s)', a)), c, a) FROM (VALUES ('p_org => ''blue''', 'forbidden'), ('p_why => ''broken''', 'invalid_argument'),
	('p_limit => 0', 'invalid_argument'), ('p_limit => 201', 'invalid_argument'), ('p_cursor => ''zz''', 'invalid_argument')) AS x (a, c);

SELECT * FROM finish();
ROLLBACK;
