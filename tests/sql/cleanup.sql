-- What may stand in the cluster of an agent: everything that it has or owes, for the one key that asks for it.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1', 'kubernetes');
SELECT t.make_agent('agent-2', 'kubernetes');
SELECT t.make_agent('agent-3');

CREATE FUNCTION pg_temp.ask(p_agent text, p_key text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must('api', format('SELECT streamspace.collect_agent_objects(p_agent => %L, p_actor => %L)', p_agent, t.actor(p_key)))
$$;
CREATE FUNCTION pg_temp.code(p_agent text, p_key text) RETURNS text LANGUAGE sql AS $$
	SELECT t.code('api', format('SELECT streamspace.collect_agent_objects(p_agent => %L, p_actor => %L)', p_agent, t.actor(p_key)))
$$;
CREATE FUNCTION pg_temp.set_key(p_agent text, p_key text, p_more text DEFAULT '') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must_as('root', format('set_cleanup_key(p_agent => %L, p_key_hash => %L%s)', p_agent, t.actor(p_key), p_more))
$$;
CREATE FUNCTION pg_temp.ids(p_agent text, p_key text, p_kind text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT o.item ->> 'id' FROM jsonb_array_elements(pg_temp.ask(p_agent, p_key) -> 'objects') AS o (item) WHERE o.item ->> 'kind' = p_kind
$$;

SELECT is(pg_temp.code('agent-1', 'sweeper'), 'unauthorized', 'no key is set: nobody may ask');
SELECT is(pg_temp.set_key('agent-1', 'sweeper') - 'agent', '{"changed": true, "revision": 1}', 'a key is set');
SELECT is(pg_temp.set_key('agent-1', 'sweeper') ->> 'changed', 'false', 'setting it again changes nothing');
SELECT is(pg_temp.code('agent-2', 'sweeper'), 'unauthorized', 'it opens no other agent');
SELECT is(pg_temp.code('agent-1', 'agent-1'), 'unauthorized', 'the agent''s own key does not open it');
SELECT is(pg_temp.code('agent-1', 'root'), 'unauthorized', 'nor does an administrator''s log-in');
SELECT is(t.code('api', format('SELECT streamspace.register_agent(p_agent => ''agent-1'', p_platform => ''kubernetes'', p_actor => %L)',
	t.actor('sweeper'))), 'unauthorized', 'it is no agent''s key');
SELECT is(t.code('api', format('SELECT streamspace.list_sessions(p_actor => %L)', t.actor('sweeper'))), 'unauthorized', 'and no user''s');
SELECT is(t.code('api', format('SELECT streamspace.get_me(p_actor => %L)', t.actor('sweeper'))), 'unauthorized', 'in nothing');
SELECT is(t.code_as('root', format('set_cleanup_key(p_agent => ''agent-1'', p_key_hash => %L)', t.actor('root'))), 'key_in_use',
	'a log-in''s token is no cleanup key');
SELECT is(t.code_as('root', format('set_cleanup_key(p_agent => ''agent-2'', p_key_hash => %L)', t.actor('sweeper'))), 'key_in_use',
	'nor is another agent''s cleanup key');
SELECT is(t.code_as('root', format('set_cleanup_key(p_agent => ''agent-1'', p_key_hash => %L, p_if_revision => 7)', t.actor('x'))),
	'revision_mismatch', 'only over the key that is known');
SELECT is(pg_temp.set_key('agent-1', 'broom', ', p_if_revision => 1') ->> 'revision', '2', 'a new key');
SELECT is(pg_temp.code('agent-1', 'sweeper'), 'unauthorized', 'ends the earlier one');
SELECT is(t.must('api', format('SELECT streamspace.register_cleanup_key(p_agent => ''agent-new'', p_key_hash => %L)', t.actor('early'))) ->> 'changed',
	'true', 'an agent may have one before it registers');
SELECT is(pg_temp.code('agent-new', 'early'), 'agent_not_found', 'and until then has no objects');
SELECT pg_temp.set_key('agent-3', 'third');

-- Sessions of every state; those of this agent that are not over, or owe their end.
CREATE TEMP TABLE s AS SELECT n, t.create_session('ann') AS id FROM generate_series(1, 4) AS n;
SELECT t.run_command('agent-3', id, 'running') FROM s;
SELECT set_eq('SELECT pg_temp.ids(''agent-3'', ''third'', ''session'')', 'SELECT s.id FROM s', 'the sessions of the agent');
SELECT is_empty('SELECT pg_temp.ids(''agent-1'', ''broom'', ''session'')', 'and of no other');
SELECT t.must_as('ann', format('terminate_session(p_session => %L)', s.id)) FROM s WHERE s.n = 1;
SELECT ok((SELECT s.id FROM s WHERE s.n = 1) IN (SELECT pg_temp.ids('agent-3', 'third', 'session')), 'one that is about to end is among them');
SELECT t.run_command('agent-3', id, 'terminated') FROM s WHERE s.n = 1;
SELECT ok((SELECT s.id FROM s WHERE s.n = 1) NOT IN (SELECT pg_temp.ids('agent-3', 'third', 'session')), 'one that has ended is not');
SELECT t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', s.id)) FROM s WHERE s.n = 2;
SELECT ok((SELECT s.id FROM s WHERE s.n = 2) IN (SELECT pg_temp.ids('agent-3', 'third', 'session')), 'one that was forced and owes its end is');

-- Templates: what has a projection there.
SELECT t.must_as('root', 'put_template(p_name => ''pod'', p_org => ''red'', p_spec => ''{"displayName": "P", "platforms": ["kubernetes"], "baseImage": "x/y:1"}'')');
SELECT results_eq('SELECT pg_temp.ids(''agent-1'', ''broom'', ''template'')', ARRAY['pod.red'], 'templates for its platform');
SELECT ok('pod.red' NOT IN (SELECT pg_temp.ids('agent-3', 'third', 'template')), 'and for no other');
SELECT t.must_as('root', 'delete_template(p_template => ''pod'', p_org => ''red'')');
SELECT is_empty('SELECT pg_temp.ids(''agent-1'', ''broom'', ''template'')', 'not when they are deleted');

SELECT unnest(ARRAY[is(a.j #>> '{count}', jsonb_array_length(a.j -> 'objects')::text, 'the answer counts itself'),
	ok(a.j::text ~ '"objects_complete": true}$', 'and its last member says that it is whole'),
	is(a.j ->> 'installation_id', (SELECT i.installation_id::text FROM streamspace_data.installation AS i), 'it names the installation'),
	is(a.j ->> 'generation', '1', 'the restore generation'),
	is((a.j ->> 'epoch')::bigint, t.epoch('agent-3'), 'and the agent''s epoch')])
  FROM (SELECT pg_temp.ask('agent-3', 'third')) AS a (j);
SELECT t.must_as('root', 'after_restore(p_reason => ''test'')');
SELECT is(pg_temp.ask('agent-3', 'third') ->> 'generation', '2', 'a restore raises the generation');
SELECT * FROM finish();
ROLLBACK;
