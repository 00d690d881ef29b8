-- One session through its life, on the calls that REST and the dispatcher make.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();

-- No agent yet: pending, with a reason and a deadline, and nothing to send.
CREATE TEMP TABLE x AS SELECT t.create_session('ann') AS id;
GRANT SELECT ON x TO PUBLIC;
CREATE FUNCTION pg_temp.shape() RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must_as('ann', format('get_session(p_session => %L)', (SELECT x.id FROM x)))
$$;
CREATE FUNCTION pg_temp.agent_revision() RETURNS bigint LANGUAGE sql AS $$
	SELECT s.agent_revision FROM streamspace_data.session AS s WHERE s.session_id = (SELECT x.id FROM x)
$$;
CREATE FUNCTION pg_temp.call(p_function text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must_as('ann', format('%s_session(p_session => %L)', p_function, (SELECT x.id FROM x)))
$$;
CREATE FUNCTION pg_temp.try(p_user text, p_function text) RETURNS text LANGUAGE sql AS $$
	SELECT t.code_as(p_user, format('%s_session(p_session => %L)', p_function, (SELECT x.id FROM x)))
$$;

SELECT matches((SELECT id FROM x), '^s-[0-9a-z]{26}$', 'an id that every object name can bear');
SELECT is(pg_temp.shape() ->> 'state', 'pending', 'without an agent it is pending');
SELECT isnt(pg_temp.shape() ->> 'reason', NULL, 'with a reason');
SELECT isnt(pg_temp.shape() ->> 'next_step', NULL, 'with a next step');
SELECT isnt(pg_temp.shape() ->> 'deadline_at', NULL, 'with a deadline');
SELECT is(pg_temp.shape() -> 'agent', 'null'::jsonb, 'and on no agent');
SELECT set_eq($$SELECT jsonb_object_keys(pg_temp.shape())$$, ARRAY['id', 'org', 'owner', 'template', 'template_revision', 'parameters',
	'platform', 'state', 'desired_state', 'observed_state', 'reason', 'message', 'next_step', 'revision', 'agent', 'deadline_at',
	'progress', 'name', 'notes', 'tags', 'home', 'warning', 'failure', 'millicores', 'memory_mib', 'placement', 'position', 'created_at', 'updated_at'], 'a session has exactly the documented fields');
SELECT is(pg_temp.shape() ->> 'owner', 'ann', 'its owner is the caller');
SELECT is(pg_temp.shape() ->> 'org', 'red', 'its organisation is the caller''s');

-- An agent arrives: the sweep places what waits.
SELECT t.make_agent('agent-1');
SELECT t.must('api', 'SELECT streamspace.tick()');
SELECT is(pg_temp.shape() ->> 'state', 'starting', 'tick places it once an agent is there');
SELECT is(pg_temp.shape() ->> 'agent', 'agent-1', 'on that agent');

-- The command.
CREATE TEMP TABLE c AS SELECT jsonb_array_elements(t.claim('agent-1')) AS c;
GRANT SELECT ON c TO PUBLIC;
SELECT is((SELECT count(*) FROM c WHERE c -> 'message' ->> 'objectKind' = 'session'), 1::bigint, 'one command for the session');
SELECT is((SELECT c -> 'message' ->> 'action' FROM c WHERE c -> 'message' ->> 'objectId' = (SELECT id FROM x)), 'start_session',
	'to start it');
SELECT is((SELECT c -> 'message' ->> 'commandId' FROM c WHERE c -> 'message' ->> 'objectKind' = 'session'),
	(SELECT c ->> 'command_id' FROM c WHERE c -> 'message' ->> 'objectKind' = 'session'), 'under one id');
CREATE TEMP TABLE p AS SELECT c -> 'message' AS m, c -> 'message' -> 'payload' AS p FROM c
	WHERE c -> 'message' ->> 'objectKind' = 'session';
SELECT is((SELECT (m ->> 'epoch')::bigint FROM p), t.epoch('agent-1'), 'the command carries the epoch');
SELECT is((SELECT (m ->> 'revision')::bigint FROM p), pg_temp.agent_revision(), 'and the revision that fences the agent');
SELECT cmp_ok((pg_temp.shape() ->> 'revision')::bigint, '>', 1::bigint, 'which is not the one that callers see');
SELECT set_has($$SELECT jsonb_object_keys(p) FROM p$$, $$VALUES ('sessionId'), ('user'), ('org'), ('template'), ('templateRevision'),
	('templateManifest'), ('namespace'), ('memory'), ('cpu'), ('persistentHome'), ('desiredState'), ('state'), ('revision'),
	('installationId')$$, 'the payload is the whole desired state');
SELECT is((SELECT p ->> 'desiredState' FROM p), 'running', 'which is running');
SELECT is((SELECT p #>> '{templateManifest,kind}' FROM p), 'Template', 'with the template as a whole document');
SELECT is((SELECT jsonb_array_length(t.claim('agent-1'))), 0, 'a second claim finds nothing: the lease holds');
SELECT is(t.report('acknowledge_commands', 'agent-1', jsonb_build_object('commandId', (SELECT m ->> 'commandId' FROM p))), 'ok',
	'acknowledged');
SELECT is(t.report('report_progress', 'agent-1', jsonb_build_object('commandId', (SELECT m ->> 'commandId' FROM p),
	'phase', 'starting', 'percent', 40)), 'ok', 'progress reported');
SELECT is(pg_temp.shape() #>> '{progress,phase}', 'starting', 'and shown');
SELECT is(pg_temp.shape() #>> '{progress,percent}', '40', 'with its percentage');
SELECT is(t.report('observe_sessions', 'agent-1', jsonb_build_object('sessionId', (SELECT id FROM x), 'state', 'running',
	'revision', (SELECT m -> 'revision' FROM p))), 'ok', 'running reported');
SELECT is(t.report('complete_commands', 'agent-1', jsonb_build_object('commandId', (SELECT m ->> 'commandId' FROM p), 'ok', true,
	'result', jsonb_build_object('state', 'running', 'revision', (SELECT m -> 'revision' FROM p)))), 'ok', 'completed');
SELECT is(pg_temp.shape() ->> 'state', 'running', 'it runs');
SELECT is(pg_temp.shape() ->> 'observed_state', 'running', 'and was seen running');
SELECT is(pg_temp.shape() -> 'deadline_at', 'null'::jsonb, 'a running session has no deadline');
SELECT is(pg_temp.shape() -> 'progress', 'null'::jsonb, 'and no progress left');

-- What the wrong state or the wrong person may not.
SELECT is(pg_temp.try('ann', 'wake'), 'invalid_transition', 'a running session cannot be woken');
SELECT is((t.as('ann', format('wake_session(p_session => %L)', (SELECT id FROM x)))).sqlstate, 'SS142', 'by its SQLSTATE');
SELECT is((t.as('ann', format('wake_session(p_session => %L)', (SELECT id FROM x)))).message,
	(SELECT e.title FROM streamspace_data.error_code AS e WHERE e.code = 'invalid_transition'), 'the message is the constant title');
SELECT lives_ok($$SELECT ((t.as('ann', format('wake_session(p_session => %L)', (SELECT id FROM x)))).detail)::jsonb$$,
	'the detail is JSON');
SELECT isnt(pg_temp.try('art', 'hibernate'), 'ok', 'a colleague may not touch it');
SELECT is(pg_temp.try('bob', 'hibernate'), 'session_not_found', 'for another organisation it does not exist');
SELECT is(t.code_as('ann', 'hibernate_session(p_session => ''s-00000000000000000000000000'')'), 'session_not_found', 'an unknown one');
SELECT is(pg_temp.shape() ->> 'state', 'running', 'all of which changed nothing');

-- Hibernate, wake.
CREATE TEMP TABLE r AS SELECT (pg_temp.shape() ->> 'revision')::bigint AS revision, pg_temp.agent_revision() AS agent_revision;
SELECT is(pg_temp.call('hibernate') ->> 'state', 'hibernating', 'hibernate answers hibernating');
SELECT cmp_ok((pg_temp.shape() ->> 'revision')::bigint, '>', (SELECT revision FROM r), 'under a new revision');
SELECT is(pg_temp.shape() ->> 'desired_state', 'hibernated', 'hibernated is wanted');
SELECT isnt(pg_temp.shape() ->> 'deadline_at', NULL, 'until a deadline');
SELECT is(t.report('observe_sessions', 'agent-1', jsonb_build_object('sessionId', (SELECT id FROM x), 'state', 'running',
	'revision', (SELECT agent_revision FROM r))), 'stale_revision', 'a report about the older revision changes nothing');
SELECT is(pg_temp.shape() ->> 'state', 'hibernating', 'really nothing');
SELECT is(t.run_command('agent-1', (SELECT id FROM x), 'hibernated'), 'hibernate_session', 'the agent hibernates it');
SELECT is(pg_temp.shape() ->> 'state', 'hibernated', 'hibernated');
SELECT is(pg_temp.shape() -> 'deadline_at', 'null'::jsonb, 'which may last');
SELECT is(pg_temp.try('ann', 'hibernate'), 'invalid_transition', 'not twice');
SELECT is(pg_temp.call('wake') ->> 'state', 'waking', 'wake answers waking');
SELECT is(t.run_command('agent-1', (SELECT id FROM x), 'running'), 'wake_session', 'the agent wakes it');
SELECT is(pg_temp.shape() ->> 'state', 'running', 'it runs again');

-- Terminate.
SELECT is(pg_temp.call('terminate') ->> 'state', 'terminating', 'terminate answers terminating');
SELECT is(t.run_command('agent-1', (SELECT id FROM x), 'terminated'), 'stop_session', 'the agent stops it');
SELECT is(pg_temp.shape() ->> 'state', 'terminated', 'terminated');
SELECT is((t.must_as('ann', 'get_me()') #>> '{usage,sessions}'), '0', 'and no longer counted');
SELECT is((SELECT l.sessions FROM t.agent_load AS l WHERE l.agent_id = 'agent-1'), 0, 'its place is free');
SELECT is(pg_temp.try('ann', 'wake'), 'invalid_transition', 'there is no way back');

-- Its history.
SELECT is(ARRAY(SELECT e.to_state FROM streamspace_data.session_event AS e WHERE e.session_id = (SELECT id FROM x)
	AND e.from_state IS DISTINCT FROM e.to_state AND e.to_state IS NOT NULL ORDER BY e.event_id),
	'{pending,starting,running,hibernating,hibernated,waking,running,terminating,terminated}'::text[] COLLATE "C",
	'every change of state is an event');
SELECT set_has($$SELECT l.function FROM streamspace_data.audit_log AS l WHERE l.object_id = (SELECT id FROM x)$$,
	$$VALUES ('create_session'), ('hibernate_session'), ('wake_session'), ('terminate_session')$$, 'every call is in the audit log');
SELECT is_empty($$SELECT l.audit_id FROM streamspace_data.audit_log AS l WHERE l.object_id = (SELECT id FROM x)
	AND (l.login_role <> 'api' OR l.actor !~ 'ann')$$, 'with the actor and the login');

-- A failure: compute is stopped, the session still counts, and may be terminated.
CREATE TEMP TABLE y AS SELECT t.create_session('ann') AS id;
GRANT SELECT ON y TO PUBLIC;
SELECT is(t.state((SELECT id FROM y)), 'starting', 'with a free agent it starts at once');
CREATE TEMP TABLE f AS SELECT c -> 'message' AS m FROM jsonb_array_elements(t.claim('agent-1')) AS c
	WHERE c -> 'message' ->> 'objectId' = (SELECT id FROM y);
SELECT is(t.report('observe_sessions', 'agent-1', jsonb_build_object('sessionId', (SELECT id FROM y), 'state', 'failed',
	'reason', 'ImagePull', 'message', 'no such image', 'revision', (SELECT m -> 'revision' FROM f))), 'ok', 'a failed start');
SELECT is(t.state((SELECT id FROM y)), 'failed', 'failed');
SELECT is(t.must_as('ann', format('get_session(p_session => %L)', (SELECT id FROM y))) ->> 'reason', 'ImagePull', 'with the agent''s reason');
SELECT isnt(t.must_as('ann', format('get_session(p_session => %L)', (SELECT id FROM y))) ->> 'next_step', NULL, 'and a next step');
SELECT is(t.must_as('ann', 'get_me()') #>> '{usage,sessions}', '1', 'it still counts');
SELECT is((SELECT c -> 'message' #>> '{payload,desiredState}' FROM jsonb_array_elements(t.claim('agent-1')) AS c
	WHERE c -> 'message' ->> 'objectId' = (SELECT id FROM y)), 'stopped', 'its compute is stopped');
SELECT is(t.must_as('ann', format('terminate_session(p_session => %L)', (SELECT id FROM y))) ->> 'state', 'terminating', 'it can be ended');

-- By force, from everywhere: terminated at once, the agent cleans up later.
CREATE TEMP TABLE z AS SELECT t.create_session('ann') AS id;
GRANT SELECT ON z TO PUBLIC;
SELECT t.run_command('agent-1', (SELECT id FROM z), 'running');
SELECT is(t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', (SELECT id FROM z))) ->> 'state', 'terminated',
	'force ends it at once');
SELECT ok((SELECT s.cleanup_debt FROM streamspace_data.session AS s WHERE s.session_id = (SELECT id FROM z)), 'with a debt');
SELECT is(t.run_command('agent-1', (SELECT id FROM z), 'terminated'), 'stop_session', 'that the agent settles');
SELECT ok((SELECT NOT s.cleanup_debt FROM streamspace_data.session AS s WHERE s.session_id = (SELECT id FROM z)), 'settled');
SELECT is(t.code_as('ann', format('terminate_session(p_session => %L, p_force => true)', (SELECT id FROM z))), 'invalid_transition',
	'not twice');

-- A pending one needs no agent to end.
SELECT t.must('api', format('SELECT streamspace.disconnect_agent(p_agent => ''agent-1'', p_epoch => %s, p_reason => ''test'')',
	t.epoch('agent-1')));
UPDATE streamspace_data.agent SET state = 'offline' WHERE agent_id = 'agent-1';
CREATE TEMP TABLE w AS SELECT t.create_session('ann') AS id;
GRANT SELECT ON w TO PUBLIC;
SELECT is(t.must_as('ann', format('terminate_session(p_session => %L)', (SELECT id FROM w))) ->> 'state', 'terminated',
	'a pending session ends at once');

SELECT * FROM finish();
ROLLBACK;
