-- Agents: enrolment, epochs, who may speak of what, 2.0 agents, leases and silence.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();

CREATE FUNCTION pg_temp.register(p_agent text, p_actor bytea, p_key bytea, p_version int DEFAULT 3, p_platform text DEFAULT 'process')
RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.ask('api', format('SELECT streamspace.register_agent(p_agent => %L, p_platform => %L, p_region => NULL,
		p_capacity => ''{"maxSessions": 9}'', p_metadata => ''{}'', p_protocol_version => %s, p_key_hash => %L, p_actor => %L)',
		p_agent, p_platform, p_version, encode(p_key, 'hex'), p_actor))
$$;
CREATE FUNCTION pg_temp.connect(p_agent text, p_instance text, p_actor bytea, p_replace bigint DEFAULT NULL) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.ask('api', format('SELECT streamspace.connect_agent(p_agent => %L, p_instance => %L, p_replica => ''replica-1'',
		p_address => ''127.0.0.1'', p_replace_epoch => %L, p_actor => %L)', p_agent, p_instance, p_replace, p_actor))
$$;

-- Enrolment.
SELECT is((pg_temp.register('agent-1', sha256('wrong'), t.actor('agent-1'))).code, 'unauthorized', 'a wrong key registers nothing');
SELECT is((pg_temp.connect('agent-1', 'i', t.actor('bootstrap'))).code, 'agent_not_found', 'nobody connects before registration');
SELECT is((pg_temp.register('agent-1', t.actor('bootstrap'), t.actor('agent-1'))).value ->> 'approval_status', 'pending', 'the bootstrap key: pending');
SELECT is((pg_temp.register('agent-1', t.actor('bootstrap'), t.actor('agent-1'))).value -> 'created', 'false', 'again: known');
SELECT is((pg_temp.register('a!', t.actor('bootstrap'), t.actor('a!'))).code, 'invalid_argument', 'a bad id');
SELECT is((pg_temp.register('agent-x', t.actor('bootstrap'), t.actor('agent-x'), 3, 'toaster')).code, 'invalid_argument', 'an unknown platform');
SELECT is((pg_temp.connect('agent-1', 'i', t.actor('agent-1'))).code, 'approval_required', 'it may not connect before approval');
SELECT t.make_user('lee', 'red');
SELECT is((SELECT s ->> 'state' FROM t.must_as('lee', 'create_session(p_template => ''term'')') AS s), 'pending', 'and receives no session');
SELECT is(t.code('dba', 'SELECT streamspace.approve_agent(p_agent => ''agent-1'', p_key_prefix => ''00000000'')'), 'key_mismatch', 'approved is that very key');
SELECT is(t.code('dba', 'SELECT streamspace.approve_agent(p_agent => ''agent-1'', p_key_prefix => NULL)'), 'key_mismatch', 'which must be named');
SELECT is(t.must('dba', format('SELECT streamspace.approve_agent(p_agent => ''agent-1'', p_key_prefix => %L)',
	left(encode(t.actor('agent-1'), 'hex'), 8))) -> 'api_key', 'null'::jsonb, 'no key travels down to an agent that has its own');
CREATE FUNCTION pg_temp.revision(p_agent text) RETURNS text LANGUAGE sql AS $$
	SELECT t.must('dba', format('SELECT streamspace.get_agent(p_agent => %L)', p_agent)) ->> 'revision'
$$;
SELECT is(pg_temp.revision('agent-1'), '2', 'its approval is a new revision of it');
SELECT is(t.code('dba', format('SELECT streamspace.approve_agent(p_agent => ''agent-1'', p_key_prefix => %L, p_if_revision => 1)',
	left(encode(t.actor('agent-1'), 'hex'), 8))), 'revision_mismatch', 'which who read the former one has not seen');
SELECT is((pg_temp.register('agent-1', t.actor('bootstrap'), sha256('thief'))).code, 'key_mismatch', 'the bootstrap key does not replace an approved key');
SELECT is((pg_temp.connect('agent-1', 'i', t.actor('bootstrap'))).code, 'unauthorized', 'nor does it connect');

-- Epochs.
CREATE TEMP TABLE e (n int, epoch bigint);
GRANT SELECT ON e TO PUBLIC;
INSERT INTO e SELECT 1, ((pg_temp.connect('agent-1', 'instance-1', t.actor('agent-1'))).value ->> 'epoch')::bigint;
SELECT cmp_ok((SELECT epoch FROM e WHERE n = 1), '>', 4294967296, 'connected under an epoch: generation * 2^32 + counter');
INSERT INTO e SELECT 2, ((pg_temp.connect('agent-1', 'instance-1', t.actor('agent-1'))).value ->> 'epoch')::bigint;
SELECT cmp_ok((SELECT epoch FROM e WHERE n = 2), '>', (SELECT epoch FROM e WHERE n = 1), 'the same instance replaces its connection, under a higher epoch');
SELECT is((pg_temp.connect('agent-1', 'instance-2', t.actor('agent-1'))).code, 'agent_already_connected', 'another instance is refused');
SELECT is((pg_temp.connect('agent-1', NULL, t.actor('agent-1'))).code, 'agent_already_connected', 'and so is one without a name');
SELECT is(((pg_temp.connect('agent-1', 'instance-2', t.actor('agent-1'))).detail)::jsonb,
	jsonb_build_object('epoch', (SELECT epoch FROM e WHERE n = 2), 'replica', 'replica-1'), 'told which connection it is');
SELECT is((pg_temp.connect('agent-1', 'instance-2', t.actor('agent-1'), (SELECT epoch FROM e WHERE n = 1))).code, 'agent_already_connected',
	'an older epoch replaces nothing');
SELECT is(((pg_temp.connect('agent-1', 'instance-2', t.actor('agent-1'), (SELECT epoch FROM e WHERE n = 2))).value ->> 'replaced_epoch')::bigint,
	(SELECT epoch FROM e WHERE n = 2), 'one that was found dead is replaced');
SELECT is((pg_temp.connect('agent-2', 'i', t.actor('agent-1'))).code, 'unauthorized', 'the key of one agent does not connect another');

-- A restored database never gives out an epoch again: another system identifier raises the generation, the high part.
CREATE TEMP TABLE g AS SELECT t.epoch('agent-1') AS epoch;
UPDATE streamspace_data.installation SET system_identifier = system_identifier - 1;
SELECT is(((pg_temp.connect('agent-1', 'instance-2', t.actor('agent-1'))).value ->> 'epoch')::bigint >> 32, (SELECT epoch >> 32 FROM g) + 1,
	'another system identifier: the generation rises');
SELECT is(((pg_temp.connect('agent-1', 'instance-2', t.actor('agent-1'))).value ->> 'epoch')::bigint >> 32, (SELECT epoch >> 32 FROM g) + 1, 'once');

-- Its session, and what an old connection, a stranger or an old revision may say about it: nothing.
SELECT t.make_agent('agent-2');
CREATE TEMP TABLE s AS SELECT t.must_as('lee', 'list_sessions()') #>> '{items,0,id}' AS id;
GRANT SELECT ON s TO PUBLIC;
SELECT is(t.state((SELECT id FROM s)), 'starting', 'the waiting session was placed by the connection');
CREATE TEMP TABLE c AS SELECT c -> 'message' AS m FROM jsonb_array_elements(t.claim('agent-1')) AS c
	WHERE c -> 'message' ->> 'objectId' = (SELECT id FROM s);
GRANT SELECT ON c TO PUBLIC;
CREATE TEMP TABLE item (function text, item jsonb);
INSERT INTO item SELECT f, x FROM c, LATERAL (VALUES
	('acknowledge_commands', jsonb_build_object('commandId', m ->> 'commandId')),
	('report_progress', jsonb_build_object('commandId', m ->> 'commandId', 'phase', 'pulling', 'percent', 1)),
	('observe_sessions', jsonb_build_object('sessionId', (SELECT id FROM s), 'state', 'running', 'revision', m -> 'revision')),
	('complete_commands', jsonb_build_object('commandId', m ->> 'commandId', 'ok', true, 'result', jsonb_build_object('revision', m -> 'revision')))) AS y (f, x);
CREATE TEMP TABLE held AS SELECT t.contents() AS contents;
SELECT is(t.must('api', format('SELECT streamspace.%I(p_items => %L)', function, jsonb_build_array(item ||
	jsonb_build_object('agent', 'agent-1', 'epoch', (SELECT epoch FROM e WHERE n = 2))))) #>> '{0,result}', 'stale_epoch', function || ' under an old epoch')
  FROM item;
SELECT is(t.must('api', format('SELECT streamspace.record_heartbeats(p_items => %L)', jsonb_build_array(jsonb_build_object('agent', 'agent-1',
	'status', 'online', 'activeSessions', 0, 'epoch', (SELECT epoch FROM e WHERE n = 2))))) #>> '{0,result}', 'stale_epoch', 'a heartbeat under an old epoch');
SELECT is(t.report(function, 'agent-2', item), 'not_yours', function || ' by another agent') FROM item;
SELECT is(t.contents(), (SELECT contents FROM held), 'all of which changed no row of any table');
SELECT is(t.must('api', format('SELECT streamspace.claim_commands(p_agents => %L, p_limit => 10)', jsonb_build_array(jsonb_build_object('agent', 'agent-1',
	'epoch', (SELECT epoch FROM e WHERE n = 2))))), '[]', 'an old connection claims nothing');
SELECT is(t.report('complete_commands', 'agent-1', '{"commandId": "c-00000000000000000000000000", "ok": true, "result": {}}'), 'unknown', 'an unknown command');
SELECT is(t.report('observe_sessions', 'agent-1', '{"sessionId": "s-00000000000000000000000000", "state": "running", "revision": 1}'), 'unknown', 'an unknown session');
SELECT is(t.report(function, 'agent-1', item), 'ok', 'control: ' || function || ' by whom it concerns') FROM item;
SELECT is(t.state((SELECT id FROM s)), 'running', 'control: has its effect');
SELECT is(t.report('complete_commands', 'agent-1', item), 'ignored', 'a command that was completed twice changes nothing') FROM item WHERE function = 'complete_commands';

-- One bad item does not spoil a batch.
SELECT is((ARRAY(SELECT x ->> 'result' FROM jsonb_array_elements(t.must('api', format('SELECT streamspace.observe_sessions(p_items => %L)', jsonb_build_array(
	'{"agent": "agent-1"}'::jsonb, '"text"'::jsonb,
	jsonb_build_object('agent', 'agent-1', 'epoch', t.epoch('agent-1'), 'sessionId', (SELECT id FROM s), 'state', 'running', 'endpoint', 'unix:/x',
		'revision', (SELECT m -> 'revision' FROM c)))))) AS x))[3], 'ok', 'the good item of a batch with bad ones counts');

-- A lease that runs out is sent again, with the attempt counted.
SELECT t.must_as('lee', format('hibernate_session(p_session => %L)', (SELECT id FROM s)));
SELECT is((SELECT count(*) FROM jsonb_array_elements(t.claim('agent-1')) AS c WHERE c -> 'message' ->> 'action' = 'hibernate_session'), 1::bigint, 'sent');
SELECT is(jsonb_array_length(t.claim('agent-1')), 0, 'not twice within the lease');
SELECT set_config('streamspace.clock_offset', '5 minutes', true);
SELECT cmp_ok((t.must(NULL, 'SELECT streamspace.tick()') ->> 'leases')::int, '>=', 1, 'the lease runs out');
SELECT set_config('streamspace.clock_offset', '', true);
UPDATE streamspace_data.agent_command SET not_before = NULL WHERE state = 'pending';
UPDATE streamspace_data.agent SET state = 'online' WHERE agent_id IN ('agent-1', 'agent-2');
SELECT is((SELECT count(*) FROM jsonb_array_elements(t.claim('agent-1')) AS c WHERE c -> 'message' ->> 'action' = 'hibernate_session'), 1::bigint, 'sent again');
SELECT is((SELECT c.attempts FROM streamspace_data.agent_command AS c WHERE c.object_id = (SELECT id FROM s) AND c.action = 'hibernate_session'), 2,
	'which is the second attempt');

-- A newer revision supersedes what was not sent.
SELECT t.must_as('lee', format('terminate_session(p_session => %L)', (SELECT id FROM s)));
SELECT t.must_as('lee', format('terminate_session(p_session => %L, p_force => true)', (SELECT id FROM s)));
SELECT is((SELECT count(*) FROM streamspace_data.agent_command AS c WHERE c.object_id = (SELECT id FROM s) AND c.state = 'superseded'), 1::bigint,
	'the unsent older command is superseded');
SELECT is((SELECT count(*) FROM streamspace_data.agent_command AS c WHERE c.object_id = (SELECT id FROM s) AND c.state = 'pending'), 1::bigint, 'one waits');

-- Silence: degraded, then offline; its sessions say so; a heartbeat brings it back.
SELECT t.must_as('lee', 'create_session(p_template => ''term'')');
CREATE TEMP TABLE q AS SELECT i ->> 'id' AS id, i ->> 'agent' AS agent FROM jsonb_array_elements(t.must_as('lee', 'list_sessions()') -> 'items') AS i
	WHERE i ->> 'state' = 'starting';
GRANT SELECT ON q TO PUBLIC;
CREATE FUNCTION pg_temp.silence(p_for interval) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('streamspace.clock_offset', p_for::text, true);
	PERFORM t.must(NULL, 'SELECT streamspace.tick()');
	PERFORM set_config('streamspace.clock_offset', '', true);
	RETURN (SELECT a.state FROM streamspace_data.agent AS a WHERE a.agent_id = (SELECT agent FROM q));
END
$$;
SELECT is(pg_temp.silence('40 seconds'), 'online', 'an agent that beats every 30 s is online between two beats');
SELECT is(pg_temp.silence('60 seconds'), 'degraded', 'silent: degraded');
SELECT is(pg_temp.silence('100 seconds'), 'offline', 'long silent: offline');
SELECT is(t.state((SELECT id FROM q)), 'starting', 'its session is not touched');
SELECT is(t.must_as('lee', format('get_session(p_session => %L)', (SELECT id FROM q))) ->> 'reason', 'agent_offline', 'but says why it waits');
SELECT is(t.report('record_heartbeats', (SELECT agent FROM q), '{"status": "online", "activeSessions": 1}'), 'ok', 'a heartbeat');
SELECT is((SELECT a.state FROM streamspace_data.agent AS a WHERE a.agent_id = (SELECT agent FROM q)), 'online', 'brings it back');

-- Rejected: nothing that it says counts any more.
CREATE TEMP TABLE of_agent_2 AS SELECT pg_temp.revision('agent-2')::bigint AS revision;
SELECT is(t.code('dba', format('SELECT streamspace.reject_agent(p_agent => ''agent-2'', p_reason => ''gone'', p_if_revision => %s)', revision - 1)),
	'revision_mismatch', 'rejected is what was read') FROM of_agent_2;
SELECT t.must('dba', format('SELECT streamspace.reject_agent(p_agent => ''agent-2'', p_reason => ''gone'', p_if_revision => %s)', revision)) FROM of_agent_2;
SELECT is(pg_temp.revision('agent-2')::bigint, revision + 1, 'which is a new revision of it') FROM of_agent_2;
SELECT is((pg_temp.connect('agent-2', 'instance-1', t.actor('agent-2'))).code, 'agent_rejected', 'a rejected agent does not connect');
SELECT is((pg_temp.register('agent-2', t.actor('agent-2'), t.actor('agent-2'))).code, 'agent_rejected', 'nor register');

-- A 2.0 agent: no key of its own, no epoch, revision or inventory.
SELECT is((pg_temp.register('old-1', t.actor('bootstrap'), NULL, 2, 'kubernetes')).value ->> 'approval_status', 'pending', '2.0: registers with the bootstrap key');
SELECT is((pg_temp.connect('old-1', NULL, t.actor('bootstrap'))).code, 'approval_required', '2.0: is told that it waits for approval');
CREATE TEMP TABLE k AS SELECT t.must('dba', 'SELECT streamspace.approve_agent(p_agent => ''old-1'', p_key_prefix => NULL)') ->> 'api_key' AS key;
GRANT SELECT ON k TO PUBLIC;
SELECT matches((SELECT key FROM k), '^[0-9a-f]{64}$', '2.0: the approval makes its key');
SELECT is((pg_temp.connect('old-1', NULL, t.actor('bootstrap'))).code, 'unauthorized', '2.0: with the bootstrap key it still does not connect');
SELECT is((pg_temp.connect('old-1', NULL, sha256(convert_to((SELECT key FROM k), 'UTF8')))).value -> 'protocol_version', '2', '2.0: with its key it does');
SELECT t.must_as('amy', 'put_template(p_name => ''kube'', p_spec => ''{"displayName": "K", "platforms": ["kubernetes"], "baseImage": "registry.test/k:1"}'')');
CREATE TEMP TABLE o AS SELECT n, t.must_as('lee', 'create_session(p_template => ''kube'')') ->> 'id' AS id FROM generate_series(1, 2) AS n;
GRANT SELECT ON o TO PUBLIC;
CREATE TEMP TABLE m AS SELECT c -> 'message' AS m, (SELECT n FROM o WHERE o.id = c -> 'message' #>> '{payload,sessionId}') AS n
	FROM jsonb_array_elements(t.claim('old-1')) AS c;
GRANT SELECT ON m TO PUBLIC;
SELECT is((SELECT count(*) FROM m), 1::bigint, '2.0: one command at a time, though two wait');
SELECT set_eq('SELECT jsonb_object_keys(m) FROM m', ARRAY['commandId', 'action', 'payload'], '2.0: with what it knows and nothing else');
SELECT set_has('SELECT jsonb_object_keys(m -> ''payload'') FROM m', $$VALUES ('sessionId'), ('user'), ('template'), ('templateManifest'),
	('namespace'), ('memory'), ('cpu'), ('persistentHome'), ('idleTimeout'), ('maxSessionDuration'), ('tags')$$, '2.0: the payload is complete');
SELECT is(jsonb_array_length(t.claim('old-1')), 0, '2.0: nothing more before it acknowledged');
SELECT is(t.report('acknowledge_commands', 'old-1', jsonb_build_object('commandId', (SELECT m ->> 'commandId' FROM m))), 'ok', '2.0: ack');
SELECT set_config('streamspace.clock_offset', '160 seconds', true);
SELECT t.must(NULL, 'SELECT streamspace.tick()');
SELECT set_config('streamspace.clock_offset', '', true);
UPDATE streamspace_data.agent SET state = 'online' WHERE agent_id = 'old-1';
CREATE TEMP TABLE later AS SELECT c ->> 'command_id' AS id FROM jsonb_array_elements(t.claim('old-1')) AS c;
SELECT is((SELECT count(*) FROM later), 1::bigint, '2.0: the lease is over: the next one is sent');
SELECT isnt((SELECT id FROM later), (SELECT m ->> 'commandId' FROM m), '2.0: but nothing is sent again on the same connection');
SELECT is(t.report('observe_sessions', 'old-1', jsonb_build_object('sessionId', (SELECT id FROM o WHERE o.n = (SELECT n FROM m)), 'state', 'running')), 'ok',
	'2.0: its status has no revision and counts');
SELECT is(t.state((SELECT id FROM o WHERE o.n = (SELECT n FROM m))), 'running', '2.0: running');
SELECT is(t.report('complete_commands', 'old-1', jsonb_build_object('commandId', (SELECT m ->> 'commandId' FROM m), 'ok', false,
	'error', 'already exists')) IN ('ok', 'ignored'), true, '2.0: a failed for a repeated start');
SELECT is(t.state((SELECT id FROM o WHERE o.n = (SELECT n FROM m))), 'running', '2.0: never fails a session that was seen running');

SELECT is(t.report('complete_commands', 'old-1', jsonb_build_object('commandId', (SELECT id FROM later), 'ok', true, 'result', '{}'::jsonb)), 'ok',
	'2.0: the other one starts');
SELECT is(t.state((SELECT id FROM o WHERE o.n <> (SELECT n FROM m))), 'running', '2.0: by its complete alone');
CREATE FUNCTION pg_temp.old_command(p_want text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_command jsonb;
BEGIN
	FOR i IN 1..5 LOOP
		SELECT c INTO v_command FROM jsonb_array_elements(t.claim('old-1')) AS c;
		EXIT WHEN v_command IS NULL;
		PERFORM t.report('acknowledge_commands', 'old-1', jsonb_build_object('commandId', v_command ->> 'command_id'));
		PERFORM t.report('complete_commands', 'old-1', jsonb_build_object('commandId', v_command ->> 'command_id', 'ok', true, 'result', '{}'::jsonb));
		IF v_command -> 'message' ->> 'action' = p_want THEN
			RETURN v_command -> 'message' #>> '{payload,sessionId}';
		END IF;
	END LOOP;
	RETURN NULL;
END
$$;
CREATE TEMP TABLE r AS SELECT id FROM o WHERE o.n = (SELECT n FROM m);
GRANT SELECT ON r TO PUBLIC;
SELECT t.must_as('lee', format('hibernate_session(p_session => %L)', (SELECT id FROM r)));
SELECT is(pg_temp.old_command('hibernate_session'), (SELECT id FROM r), '2.0: it hibernates and reports nothing but complete');
SELECT is(t.state((SELECT id FROM r)), 'hibernated', '2.0: which is the report');
SELECT t.must_as('lee', format('wake_session(p_session => %L)', (SELECT id FROM r)));
SELECT is(pg_temp.old_command('wake_session'), (SELECT id FROM r), '2.0: wake');
SELECT is(t.state((SELECT id FROM r)), 'running', '2.0: runs again');
SELECT t.must_as('lee', format('terminate_session(p_session => %L)', (SELECT id FROM r)));
SELECT is(pg_temp.old_command('stop_session'), (SELECT id FROM r), '2.0: stop');
SELECT is(t.state((SELECT id FROM r)), 'terminated', '2.0: terminated');

SELECT * FROM finish();
ROLLBACK;
