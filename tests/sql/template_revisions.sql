-- A session keeps the revision that it was made from: through a new one, hibernation, wake-up and reconnection.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');

CREATE FUNCTION pg_temp.put(p_title text) RETURNS text LANGUAGE sql AS $$
	SELECT t.must_as('amy', format('put_template(p_name => ''tool'', p_spec => %L)', jsonb_build_object('displayName', p_title, 'command', '["x"]'::jsonb,
		'env', '[{"name": "A", "value": "1"}]'::jsonb, 'parameters', jsonb_build_array(jsonb_build_object('name', 'title', 'type', 'string', 'default', p_title, 'env', 'TITLE'))))) ->> 'revision'
$$;
-- What the agent was told last about the session.
CREATE FUNCTION pg_temp.told(p_session text) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('action', c.action, 'revision', c.payload -> 'templateRevision', 'title', c.payload #> '{templateManifest,spec,displayName}',
		'env', c.payload #> '{templateManifest,spec,env}')
	  FROM streamspace_data.agent_command AS c WHERE c.object_id = p_session ORDER BY c.command_number DESC LIMIT 1
$$;
CREATE FUNCTION pg_temp.is_first(p_session text, p_action text, p_what text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT is(pg_temp.told(p_session), jsonb_build_object('action', p_action, 'revision', 1, 'title', 'First',
		'env', '[{"name": "A", "value": "1"}, {"name": "TITLE", "value": "First"}]'::jsonb), p_what)
	UNION ALL SELECT is(t.must_as('ann', format('get_session(p_session => %L)', p_session)) - ARRAY(SELECT jsonb_object_keys(t.must_as('ann', format('get_session(p_session => %L)', p_session)))
		EXCEPT SELECT unnest(ARRAY['template_revision', 'parameters'])), '{"template_revision": 1, "parameters": {"title": "First"}}', p_what || ', and so it shows')
$$;
SELECT pg_temp.put('First');
CREATE TEMP TABLE s AS SELECT t.must_as('ann', 'create_session(p_template => ''tool'')') ->> 'id' AS id;
SELECT pg_temp.is_first(id, 'start_session', 'it starts with the revision of now') FROM s;
SELECT t.run_command('agent-1', id, 'running') FROM s;
SELECT is(pg_temp.put('Second'), '2', 'there is a second revision');
SELECT is(t.must_as('ann', 'create_session(p_template => ''tool'')') -> 'parameters', '{"title": "Second"}', 'another session is of that one');
SELECT t.must_as('ann', format('hibernate_session(p_session => %L)', id)) FROM s;
SELECT pg_temp.is_first(id, 'hibernate_session', 'it hibernates as the first') FROM s;
SELECT t.run_command('agent-1', id, 'hibernated') FROM s;
SELECT is(pg_temp.put('Third'), '3', 'there is a third revision');
SELECT t.must_as('ann', format('wake_session(p_session => %L)', id)) FROM s;
SELECT pg_temp.is_first(id, 'wake_session', 'it wakes as the first') FROM s;
SELECT t.run_command('agent-1', id, 'running') FROM s;
SELECT t.must_as('amy', 'delete_template(p_template => ''tool'')');
-- The agent comes back with nothing: what was running is started again.
SELECT t.connect('agent-1');
UPDATE streamspace_data.session SET observed_at = now() - interval '1 hour' WHERE session_id = (SELECT id FROM s);
UPDATE streamspace_data.agent_connection SET connected_at = now() - interval '30 minutes' WHERE disconnected_at IS NULL;
SELECT t.must('api', format('SELECT streamspace.record_inventory(p_agent => ''agent-1'', p_epoch => %s, p_objects => ''[]'', p_complete => true)', t.epoch('agent-1')));
SELECT pg_temp.is_first(id, 'start_session', 'it is started again as the first, though the template is gone') FROM s;

-- The list of revisions, newest first, by pages.
SELECT pg_temp.put('Fourth');
CREATE FUNCTION pg_temp.pages(p_limit int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_page jsonb;
	v_all text := '';
	v_cursor text;
BEGIN
	LOOP
		v_page := t.must_as('amy', format('list_template_revisions(p_template => ''tool'', p_limit => %s, p_cursor => %L)', p_limit, v_cursor));
		v_all := v_all || ' |' || (SELECT string_agg(' ' || (i ->> 'revision'), '' ORDER BY n) FROM jsonb_array_elements(v_page -> 'items') WITH ORDINALITY AS x (i, n));
		v_cursor := v_page ->> 'next_cursor';
		EXIT WHEN v_cursor IS NULL;
	END LOOP;
	RETURN v_all;
END
$$;
SELECT is(pg_temp.pages(n), want, format('pages of %s', n)) FROM (VALUES (1, ' | 4 | 3 | 2 | 1'), (2, ' | 4 3 | 2 1'), (3, ' | 4 3 2 | 1'), (4, ' | 4 3 2 1')) AS v (n, want);
SELECT is(jsonb_typeof(t.must_as(u, 'list_template_revisions(p_template => ''tool'')') #> '{items,0,created_by}'), want, format('who made it, told to %s', u))
  FROM (VALUES ('ann', 'null'), ('amy', 'string')) AS v (u, want);
SELECT is(t.code_as('ann', format('list_template_revisions(p_template => ''tool'', p_limit => 1, p_cursor => %L)', c)), 'invalid_argument', format('cursor %s', c))
  FROM unnest(ARRAY['', 'zz', encode('0', 'hex'), encode('99999999999', 'hex'), encode('a', 'hex')]) AS c;

SELECT * FROM finish();
ROLLBACK;
