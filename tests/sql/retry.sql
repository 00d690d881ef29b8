-- A session that failed says why, whether a retry can help and what to do; its template may say that it is tried again.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.keep_logins();
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE s (n int PRIMARY KEY, id text);
GRANT SELECT ON s TO PUBLIC;
CREATE FUNCTION pg_temp.id(p_n int) RETURNS text LANGUAGE sql STABLE AS $$ SELECT s.id FROM s WHERE s.n = p_n $$;
CREATE FUNCTION pg_temp.shape(p_n int) RETURNS jsonb LANGUAGE sql AS $$
	SELECT (t.then_as('root', format('get_session(p_session => %L)', pg_temp.id(p_n)))).value
$$;
CREATE FUNCTION pg_temp.failure(p_n int) RETURNS jsonb LANGUAGE sql AS $$ SELECT pg_temp.shape(p_n) -> 'failure' $$;
-- Its agent fails it, at the moved time: what was sent is answered, or what runs is reported.
CREATE FUNCTION pg_temp.fail(p_n int, p_reason text DEFAULT 'process_exited') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_command text;
BEGIN
	PERFORM t.must(NULL, format('SELECT streamspace.claim_commands(p_agents => %L)',
		jsonb_build_array(jsonb_build_object('agent', 'agent-1', 'epoch', t.epoch('agent-1')))));
	SELECT c.command_id INTO v_command FROM streamspace_data.agent_command AS c
	 WHERE c.session_id = pg_temp.id(p_n) AND c.state IN ('sent', 'acked') AND c.action <> 'stop_session' ORDER BY c.command_number DESC LIMIT 1;
	RETURN t.must(NULL, CASE WHEN v_command IS NOT NULL THEN format('SELECT streamspace.complete_commands(p_items => %L)', jsonb_build_array(jsonb_build_object(
			'agent', 'agent-1', 'epoch', t.epoch('agent-1'), 'commandId', v_command, 'ok', false, 'error', 'it broke', 'reason', p_reason)))
		ELSE format('SELECT streamspace.observe_sessions(p_items => %L)', jsonb_build_array(jsonb_build_object('agent', 'agent-1', 'epoch', t.epoch('agent-1'),
			'sessionId', pg_temp.id(p_n), 'state', 'failed', 'reason', p_reason, 'message', 'it broke',
			'revision', (SELECT x.agent_revision FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(p_n))))) END) #>> '{0,result}';
END
$$;
CREATE FUNCTION pg_temp.retry_in(p_n int) RETURNS interval LANGUAGE sql STABLE AS $$
	SELECT x.retry_at - streamspace_rules.now() FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(p_n)
$$;
-- Heartbeats at the moved time, so that a place is there for who is tried again.
CREATE FUNCTION pg_temp.sweep(p_after interval) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	PERFORM t.clock(p_after);
	PERFORM t.must(NULL, format('SELECT streamspace.record_heartbeats(p_items => %L)',
		jsonb_build_array(jsonb_build_object('agent', 'agent-1', 'epoch', t.epoch('agent-1'), 'status', 'online'))));
	RETURN t.sweep(p_after);
END
$$;

-- Without spec.retry nothing is tried again by itself; a person can, once.
INSERT INTO s VALUES (1, t.create_session('ann'));
SELECT is(pg_temp.shape(1) -> 'failure', 'null'::jsonb, 'nothing failed yet');
SELECT is(pg_temp.fail(1), 'ok', 'its start fails');
SELECT is(pg_temp.failure(1) - 'next_step', '{"reason": "process_exited", "message": "it broke", "can_retry": true, "retry_at": null, "attempts": 0}', 'what failed');
SELECT matches(pg_temp.failure(1) ->> 'next_step', 'retry', 'and what to do');
SELECT is(t.outlook(pg_temp.id(1)) #>> '{next,rule}', 'deadline', 'its outlook: the deadline');
SELECT is(t.outlook(pg_temp.id(1)) #>> '{next,action}', 'terminate', 'terminates it');
SELECT is(t.outlook(pg_temp.id(1)) #>> '{next,prevent}', 'retry it', 'unless it is retried');
SELECT is(pg_temp.sweep('2 hours') ->> 'retried', '0', 'nothing does it by itself');
SELECT t.clock(NULL);
SELECT is((t.then_as(w, format('retry_session(p_session => %L)', pg_temp.id(1)))).code, 'session_not_found', format('%s has no such session', w)) FROM unnest(ARRAY['art', 'bob']) AS w;
SELECT is((t.then_as('ann', format('retry_session(p_session => %L, p_if_revision => 1)', pg_temp.id(1)))).code, 'revision_mismatch', 'an old revision');
CREATE TEMP TABLE r AS SELECT x.agent_revision FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(1);
SELECT count(t.report('record_heartbeats', 'agent-1', '{"status": "online"}'));
SELECT is((t.then_as('ann', format('retry_session(p_session => %L)', pg_temp.id(1)))).value ->> 'state', 'starting', 'she retries it: it has a place at once');
SELECT cmp_ok((SELECT x.agent_revision FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(1)), '>', (SELECT agent_revision FROM r),
	'under a new revision: what the failed start still reports is over');
SELECT is(pg_temp.shape(1) -> 'failure', 'null'::jsonb, 'nothing failed now');
SELECT is((t.then_as('ann', format('retry_session(p_session => %L)', pg_temp.id(1)))).code, 'invalid_transition', 'a second time there is nothing to retry');
SELECT is(t.run_command('agent-1', pg_temp.id(1), 'running'), 'start_session', 'it starts');
SELECT is(t.state(pg_temp.id(1)), 'running', 'and runs');
SELECT ok((SELECT x.holds_place FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(1)), 'on a place');

-- With spec.retry: after 10, 20, 40, then 60 seconds at most, four times.
SELECT t.must_as('amy', 'put_template(p_name => ''again'', p_spec => ''{"displayName": "A", "platforms": ["process"], "command": ["xterm"],
	"retry": {"attempts": 4, "backoffSeconds": 10, "maxBackoffSeconds": 60}}'')');
INSERT INTO s VALUES (2, t.must_as('ann', 'create_session(p_template => ''again'')') ->> 'id');
SELECT t.clock('1 s');
SELECT is(pg_temp.fail(2), 'ok', 'it fails');
SELECT is(pg_temp.retry_in(2), interval '10 seconds', 'it is tried again after 10 s');
SELECT is(t.outlook(pg_temp.id(2)) #>> '{next,rule}', 'retry', 'as the outlook says');
SELECT is(t.outlook(pg_temp.id(2)) #>> '{next,set_by}', 'user:red/amy', 'with who wrote that into the template');
SELECT is((pg_temp.failure(2) ->> 'retry_at')::timestamptz, now() + interval '11 seconds', 'and the session');
SELECT is(pg_temp.sweep('10 seconds') ->> 'retried', '0', 'not before');
SELECT is(pg_temp.sweep('11 seconds') ->> 'retried', '1', 'then');
SELECT is(pg_temp.shape(2) ->> 'state', 'starting', 'it starts in the same sweep');
SELECT is(pg_temp.sweep('11 seconds') ->> 'retried', '0', 'once');
SELECT is((SELECT e.actor FROM streamspace_data.session_event AS e WHERE e.session_id = pg_temp.id(2) AND e.event = 'retry'), 'rule:retry', 'by the rule');
SELECT is(pg_temp.fail(2), 'ok', 'it fails again');
SELECT is(pg_temp.retry_in(2), interval '20 seconds', '20 s'); SELECT pg_temp.sweep('31 seconds');
SELECT is(pg_temp.fail(2), 'ok', 'and again');
SELECT is(pg_temp.retry_in(2), interval '40 seconds', '40 s'); SELECT pg_temp.sweep('71 seconds');
SELECT is(pg_temp.fail(2), 'ok', 'and again');
SELECT is(pg_temp.retry_in(2), interval '60 seconds', '60 s at most'); SELECT pg_temp.sweep('131 seconds');
SELECT is(pg_temp.fail(2), 'ok', 'a fifth time');
SELECT is(pg_temp.retry_in(2), NULL, 'that was the last attempt');
SELECT is(pg_temp.failure(2) ->> 'attempts', '4', 'four there were');
SELECT is(pg_temp.sweep('2 hours') ->> 'retried', '0', 'it stays failed');
SELECT is(t.events(pg_temp.id(2), 'retry'), 4::bigint, 'four retries in its history');
SELECT is((SELECT count(DISTINCT c.revision) FROM streamspace_data.agent_command AS c WHERE c.session_id = pg_temp.id(2) AND c.action = 'start_session'), 5::bigint,
	'five starts, each under a revision of its own');
SELECT is((t.then_as('ann', format('retry_session(p_session => %L)', pg_temp.id(2)))).value ->> 'state', 'starting', 'by hand it goes on');
SELECT is(pg_temp.fail(2), 'ok', 'fails');
SELECT is(pg_temp.retry_in(2), interval '10 seconds', 'and has its attempts again');
-- A run that lasted sets them back; a short one does not.
SELECT pg_temp.sweep('2 hours 10 seconds');
SELECT is(pg_temp.fail(2), 'ok', 'fails once more');
SELECT is(pg_temp.failure(2) ->> 'attempts', '1', 'one attempt used');
SELECT pg_temp.sweep('2 hours 30 seconds');
SELECT is(t.run_command('agent-1', pg_temp.id(2), 'running'), 'start_session', 'now it runs');
UPDATE streamspace_data.session SET started_at = streamspace_rules.now() WHERE session_id = pg_temp.id(2);
SELECT t.clock('2 hours 10 minutes 29 seconds');
SELECT is(pg_temp.fail(2), 'ok', 'for less than ten minutes');
SELECT is(pg_temp.failure(2) ->> 'attempts', '2', 'that counts on');
SELECT pg_temp.sweep('2 hours 12 minutes');
SELECT is(t.run_command('agent-1', pg_temp.id(2), 'running'), 'start_session', 'it runs again');
UPDATE streamspace_data.session SET started_at = streamspace_rules.now() WHERE session_id = pg_temp.id(2);
SELECT t.clock('2 hours 22 minutes');
SELECT is(pg_temp.fail(2), 'ok', 'for ten minutes');
SELECT is(pg_temp.failure(2) ->> 'attempts', '0', 'that begins anew');

-- What cannot get better by itself is not tried; who wanted to sleep is not started; who waits in vain is.
INSERT INTO s SELECT n, (t.then_as('ann', 'create_session(p_template => ''again'')')).value ->> 'id' FROM generate_series(3, 5) AS n;
SELECT is(pg_temp.fail(3, 'InvalidImageName'), 'ok', 'a name that no registry has');
SELECT is((pg_temp.failure(3) -> 'can_retry', pg_temp.failure(3) -> 'retry_at'), ('false'::jsonb, 'null'::jsonb), 'no retry can help, none is made');
SELECT matches(pg_temp.failure(3) ->> 'next_step', 'template', 'but a better template');
SELECT is(t.run_command('agent-1', pg_temp.id(4), 'running'), 'start_session', 'one that runs');
SELECT is((t.then_as('ann', format('hibernate_session(p_session => %L)', pg_temp.id(4)))).code, 'ok', 'shall sleep');
SELECT is(pg_temp.fail(4, 'hibernate_failed'), 'ok', 'and cannot');
SELECT is((pg_temp.failure(4) -> 'can_retry', pg_temp.failure(4) -> 'retry_at'), ('true'::jsonb, 'null'::jsonb), 'a person can start it again, nothing else does');
SELECT is(pg_temp.fail(5, 'something new'), 'ok', 'a reason that nobody knows');
SELECT is(pg_temp.failure(5) -> 'can_retry', 'true', 'is worth a try');
SELECT t.must_as('amy', 'put_template(p_name => ''nowhere'', p_spec => ''{"displayName": "N", "platforms": ["docker"], "baseImage": "registry.test/n:1",
	"retry": {"attempts": 1, "backoffSeconds": 60}}'')');
INSERT INTO s VALUES (6, (t.then_as('ann', 'create_session(p_template => ''nowhere'')')).value ->> 'id');
UPDATE streamspace_data.session SET deadline_at = streamspace_rules.now() WHERE session_id = pg_temp.id(6);
SELECT pg_temp.sweep('2 hours 22 minutes');
SELECT is(pg_temp.shape(6) ->> 'state', 'failed', 'who found no place fails');
SELECT is(pg_temp.retry_in(6), interval '60 seconds', 'and waits again later');
SELECT is(pg_temp.sweep('2 hours 23 minutes') ->> 'retried' >= '1', true, 'which it does');
SELECT is(pg_temp.shape(6) ->> 'state', 'pending', 'pending');
SELECT isnt(pg_temp.shape(6) ->> 'deadline_at', NULL, 'with a deadline of its own');
SELECT is((t.then_as('ann', format('terminate_session(p_session => %L)', pg_temp.id(6)))).value ->> 'state', 'terminated', 'and can be ended');

-- A retry far away is waited for: the deadline of a failed session lies behind it.
SELECT t.must_as('amy', 'put_template(p_name => ''patient'', p_spec => ''{"displayName": "P", "platforms": ["process"], "command": ["xterm"],
	"retry": {"attempts": 1, "backoffSeconds": 86400, "maxBackoffSeconds": 86400}}'')');
INSERT INTO s VALUES (7, (t.then_as('ann', 'create_session(p_template => ''patient'')')).value ->> 'id');
SELECT is(pg_temp.fail(7), 'ok', 'fails');
SELECT cmp_ok((SELECT x.deadline_at - x.retry_at FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(7)), '>=', interval '1 hour', 'its deadline comes after its retry');

-- Tried again elsewhere: what it left on the former agent is an orphan there, until it comes back.
SELECT t.must_as('amy', 'put_template(p_name => ''away'', p_spec => ''{"displayName": "W", "platforms": ["process"], "command": ["xterm"],
	"persistentHome": false}'')');
INSERT INTO s VALUES (8, (t.then_as('ann', 'create_session(p_template => ''away'')')).value ->> 'id');
SELECT is(pg_temp.fail(8), 'ok', 'fails');
SELECT t.make_agent('agent-2', 'process', 1000);
SELECT t.must('api', format('SELECT streamspace.disconnect_agent(p_agent => ''agent-1'', p_epoch => %s, p_reason => ''test'')', t.epoch('agent-1')));
SELECT is((t.then_as('ann', format('retry_session(p_session => %L)', pg_temp.id(8)))).value ->> 'agent', 'agent-2', 'retried on another agent');
SELECT is((SELECT array_agg(o.agent_id::text) FROM streamspace_data.agent_orphan AS o WHERE o.object_id = pg_temp.id(8)), ARRAY['agent-1'], 'the former cleans up after the grace');
UPDATE streamspace_data.session SET agent_id = 'agent-1' WHERE session_id = pg_temp.id(8);
SELECT is((SELECT array_agg(o.agent_id::text) FROM streamspace_data.agent_orphan AS o WHERE o.object_id = pg_temp.id(8)), ARRAY['agent-2'], 'unless it is back there');
SELECT t.connect('agent-1');

-- The reasons that our agents give all have an advice of their own.
SELECT isnt((streamspace_rules.failure_advice(r)).next_step, (streamspace_rules.failure_advice('something new')).next_step, r)
  FROM unnest(ARRAY['no_capacity', 'no_agent_available', 'start_timeout', 'wake_timeout', 'hibernate_timeout', 'compute_ended', 'process_exited', 'command_failed', 'display_failed',
	'command_not_found', 'window_manager_missing', 'sandbox_unavailable', 'template_invalid', 'capacity_exhausted', 'ImagePullBackOff', 'ErrImagePull', 'InvalidImageName',
	'CrashLoopBackOff', 'CreateContainerConfigError', 'OOMKilled', 'Unschedulable']) AS r;
SELECT * FROM finish();
ROLLBACK;
