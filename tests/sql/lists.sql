-- Lists: keyset pages that miss and repeat nothing, filters, bounds, and cursors that only their own list takes.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1', 'process', 4);
SELECT t.create_session('ann') FROM generate_series(1, 5);
SELECT t.create_session('art') FROM generate_series(1, 6);
-- In one transaction all have one time; give them different ones, and two that are equal.
UPDATE streamspace_data.session SET created_at = now() - (n.n / 2) * interval '1 minute'
  FROM (SELECT s.session_id AS id, row_number() OVER (ORDER BY s.session_id) AS n FROM streamspace_data.session AS s) AS n
 WHERE session_id = n.id;

-- All pages of a list: the ids in order, and how many pages it took.
CREATE FUNCTION pg_temp.pages(p_user text, p_list text, p_key text, p_limit int) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	v_page jsonb;
	v_cursor text;
	v_ids text[] := '{}';
BEGIN
	FOR i IN 1..50 LOOP
		v_page := t.must_as(p_user, format('%s, p_limit => %s, p_cursor => %L)', left(p_list, -1), p_limit, v_cursor));
		IF jsonb_array_length(v_page -> 'items') > p_limit THEN
			RAISE EXCEPTION 'a page of %', jsonb_array_length(v_page -> 'items');
		END IF;
		v_ids := v_ids || ARRAY(SELECT x.i ->> p_key FROM jsonb_array_elements(v_page -> 'items') WITH ORDINALITY AS x (i, n) ORDER BY x.n);
		v_cursor := v_page ->> 'next_cursor';
		EXIT WHEN v_cursor IS NULL;
	END LOOP;
	RETURN v_ids;
END
$$;
SELECT is(pg_temp.pages('amy', 'list_sessions(p_state => NULL)', 'id', n), ARRAY(SELECT s.session_id::text FROM streamspace_data.session AS s
	ORDER BY s.created_at DESC, s.session_id DESC), format('sessions by pages of %s: all, newest first, each once', n))
  FROM unnest(ARRAY[1, 2, 3, 5, 10, 11, 200]) AS n;
SELECT is(pg_temp.pages('amy', 'list_sessions(p_state => ''starting'')', 'id', 3), ARRAY(SELECT s.session_id::text FROM streamspace_data.session AS s
	WHERE s.state = 'starting' ORDER BY s.created_at DESC, s.session_id DESC), 'by state');
SELECT is(pg_temp.pages('amy', 'list_sessions(p_owner => ''art'')', 'id', 2), ARRAY(SELECT s.session_id::text FROM streamspace_data.session AS s
	JOIN streamspace_data.app_user AS u USING (org_id, user_id) WHERE u.name = 'art' ORDER BY s.created_at DESC, s.session_id DESC), 'by owner');
SELECT is(pg_temp.pages('amy', 'list_sessions(p_owner => ''art'', p_state => ''pending'')', 'id', 2), ARRAY(SELECT s.session_id::text
	FROM streamspace_data.session AS s JOIN streamspace_data.app_user AS u USING (org_id, user_id) WHERE u.name = 'art' AND s.state = 'pending'
	ORDER BY s.created_at DESC, s.session_id DESC), 'by both');
SELECT is(cardinality(pg_temp.pages('ann', 'list_sessions(p_state => NULL)', 'id', 2)), 5, 'a user sees his own only');
SELECT is(t.must_as('amy', 'list_sessions(p_state => ''hibernated'')'), '{"items": [], "next_cursor": null}', 'nothing is an empty page');

SELECT t.make_user('u-' || n, 'red') FROM generate_series(1, 7) AS n;
SELECT is(pg_temp.pages('amy', 'list_users(p_org => NULL)', 'name', n), ARRAY(SELECT u.name::text FROM streamspace_data.app_user AS u
	JOIN streamspace_data.org AS o USING (org_id) WHERE o.name = 'red' ORDER BY u.name COLLATE "C"), format('users by pages of %s', n))
  FROM unnest(ARRAY[1, 3, 50]) AS n;
SELECT t.must_as('amy', format('put_template(p_name => %L, p_spec => ''{"displayName": "T", "platforms": ["process"], "command": ["x"]}'')', 't-' || n))
  FROM generate_series(1, 6) AS n;
SELECT is(pg_temp.pages('ann', 'list_templates(p_org => NULL)', 'name', n), ARRAY(SELECT x.name::text FROM streamspace_data.template AS x
	JOIN streamspace_data.org AS o USING (org_id) WHERE o.name = 'red' ORDER BY x.name COLLATE "C"), format('templates by pages of %s', n))
  FROM unnest(ARRAY[1, 3, 50]) AS n;
SELECT t.make_agent('agent-' || n) FROM generate_series(2, 5) AS n;
SELECT is(ARRAY(SELECT i ->> 'id' FROM jsonb_array_elements(t.must_as('root', 'list_agents(p_limit => 2)') -> 'items') AS i), ARRAY['agent-1', 'agent-2'], 'agents: page one');
SELECT is(ARRAY(SELECT i ->> 'id' FROM jsonb_array_elements(t.must_as('root', format('list_agents(p_limit => 3, p_cursor => %L)',
	t.must_as('root', 'list_agents(p_limit => 2)') ->> 'next_cursor')) -> 'items') AS i), ARRAY['agent-3', 'agent-4', 'agent-5'], 'agents: and the rest');
SELECT t.must('api', format('SELECT streamspace.disconnect_agent(p_agent => ''agent-3'', p_epoch => %s, p_reason => ''test'')', t.epoch('agent-3')));
UPDATE streamspace_data.agent SET approval = 'pending' WHERE agent_id IN ('agent-2', 'agent-4');
SELECT is(ARRAY(SELECT i ->> 'id' FROM jsonb_array_elements(t.must_as('root', format('list_agents(%s, p_limit => 3)', f)) -> 'items') AS i), want, f)
  FROM (VALUES ('p_approval => ''pending''', ARRAY['agent-2', 'agent-4']), ('p_state => ''offline''', ARRAY['agent-3']),
	('p_state => ''online'', p_approval => ''approved''', ARRAY['agent-1', 'agent-5']), ('p_approval => ''rejected''', '{}')) AS x (f, want);
SELECT is(t.code_as(u, format('list_agents(%s)', f)), want, format('%s: %s', u, f)) FROM (VALUES ('root', 'p_approval => ''x''', 'invalid_argument'),
	('root', 'p_state => ''x''', 'invalid_argument'), ('amy', 'p_state => ''offline''', 'ok'), ('amy', 'p_approval => ''pending''', 'forbidden')) AS x (u, f, want);
SELECT is(ARRAY(SELECT i ->> 'name' FROM jsonb_array_elements(t.must_as('root', 'list_orgs()') -> 'items') AS i), ARRAY['blue', 'default', 'red'], 'organisations');

-- Bounds and cursors.
SELECT is(t.code_as('amy', format('%s(p_limit => %s)', f, n)), want, format('%s: %s a page: %s', f, n, want))
  FROM unnest(ARRAY['list_sessions', 'list_users', 'list_templates', 'list_agents']) AS f,
       (VALUES (0, 'invalid_argument'), (-1, 'invalid_argument'), (201, 'invalid_argument'), (1, 'ok'), (200, 'ok')) AS x (n, want);
SELECT is(t.code_as('amy', format('%s(p_cursor => %L)', f, c)), 'invalid_argument', format('%s: cursor %s', f, left(c, 30)))
  FROM unnest(ARRAY['list_sessions', 'list_users', 'list_templates', 'list_agents']) AS f,
       unnest(ARRAY['', 'zz', '0', '00', 'ff', 'c3', '27', repeat('6', 2000), encode('1 s-x', 'hex'), encode(E'\\000', 'hex'),
	encode(repeat('a', 290)::bytea, 'hex') || '2']) AS c;
SELECT is(t.code_as('amy', format('list_sessions(p_cursor => %L)', t.must_as('amy', 'list_users(p_limit => 1)') ->> 'next_cursor')), 'invalid_argument',
	'the cursor of one list is none of another');
SELECT is(t.code_as('amy', 'list_sessions(p_state => ''broken'')'), 'invalid_argument', 'an unknown state');
SELECT is(t.code_as('amy', 'list_sessions(p_owner => ''nobody'')'), 'user_not_found', 'an unknown owner');
SELECT is(t.code_as('ann', 'list_sessions(p_owner => ''art'')'), 'forbidden', 'somebody else''s');

SELECT * FROM finish();
ROLLBACK;
