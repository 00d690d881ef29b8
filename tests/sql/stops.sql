-- A stop ends: it is tried again while it may help, and no older one comes back after a newer one.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();

-- An agent that knows only one key and no protocol 3.
CREATE FUNCTION pg_temp.old_agent(p_agent text) RETURNS bytea LANGUAGE plpgsql AS $$
BEGIN
	PERFORM t.must('api', format('SELECT streamspace.register_agent(p_agent => %L, p_platform => ''process'', p_actor => %L)', p_agent, t.actor('bootstrap')));
	RETURN sha256(convert_to(t.must('dba', format('SELECT streamspace.approve_agent(p_agent => %L)', p_agent)) ->> 'api_key', 'UTF8'));
END
$$;
CREATE TEMP TABLE key AS SELECT pg_temp.old_agent('old-1') AS actor;
GRANT SELECT ON key TO PUBLIC;
CREATE FUNCTION pg_temp.connect() RETURNS bigint LANGUAGE sql AS $$
	SELECT (t.must('api', format('SELECT streamspace.connect_agent(p_agent => ''old-1'', p_replica => ''r'', p_replace_epoch => %L, p_actor => %L)',
		t.epoch('old-1'), (SELECT actor FROM key))) ->> 'epoch')::bigint
$$;
-- Claims and answers one command; its action, or NULL.
CREATE FUNCTION pg_temp.answer(p_ok boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_message jsonb := t.claim('old-1') #> '{0,message}';
BEGIN
	IF v_message IS NOT NULL THEN
		PERFORM t.report('complete_commands', 'old-1', jsonb_build_object('commandId', v_message ->> 'commandId', 'ok', p_ok,
			'error', CASE WHEN NOT p_ok THEN 'deployments.apps not found' END));
	END IF;
	RETURN v_message ->> 'action';
END
$$;
-- Answers with failures until nothing is left to send; how many there were.
CREATE FUNCTION pg_temp.fail_all(p_max int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	v_n int := 0;
BEGIN
	WHILE v_n < p_max LOOP
		UPDATE streamspace_data.agent_command SET not_before = NULL WHERE state = 'pending';
		EXIT WHEN pg_temp.answer(false) IS NULL;
		v_n := v_n + 1;
	END LOOP;
	RETURN v_n;
END
$$;
CREATE FUNCTION pg_temp.debt(p_session text) RETURNS boolean LANGUAGE sql AS $$
	SELECT s.cleanup_debt FROM streamspace_data.session AS s WHERE s.session_id = p_session
$$;

SELECT ok(pg_temp.connect() > 0, 'a 2.0 agent is connected');

-- Its start failed: there is nothing to stop, and the stop fails for that.
CREATE TEMP TABLE s AS SELECT 1 AS n, t.create_session('ann') AS id;
GRANT ALL ON s TO PUBLIC;
SELECT is(pg_temp.answer(false), 'start_session', 'the start failed');
SELECT is(t.state((SELECT id FROM s WHERE n = 1)), 'failed', 'so has the session');
SELECT is(pg_temp.fail_all(30), 5, 'the stop of what is not there is tried five times');
SELECT t.must_as('ann', format('terminate_session(p_session => %L)', id)) FROM s WHERE n = 1;
SELECT is(pg_temp.fail_all(30), 5, 'and when it is terminated, five times again');
SELECT is(t.state((SELECT id FROM s WHERE n = 1)), 'terminated', 'it ends without its deadline');

-- The answer to the stop was lost with the connection.
INSERT INTO s SELECT 2, t.create_session('ann');
SELECT is(pg_temp.answer(true), 'start_session', 'the next one runs');
SELECT t.must_as('ann', format('terminate_session(p_session => %L)', id)) FROM s WHERE n = 2;
SELECT is(t.claim('old-1') #>> '{0,message,action}', 'stop_session', 'its stop was sent');
SELECT pg_temp.connect();
SELECT is(pg_temp.fail_all(30), 5, 'sent again it fails: the first one had its effect');
SELECT is(t.state((SELECT id FROM s WHERE n = 2)), 'terminated', 'that is believed in the end');

-- The same with force in between: another command, the same story.
INSERT INTO s SELECT 3, t.create_session('ann');
SELECT is(pg_temp.answer(true), 'start_session', 'one more runs');
SELECT t.must_as('ann', format('terminate_session(p_session => %L)', id)) FROM s WHERE n = 3;
SELECT is(t.claim('old-1') #>> '{0,message,action}', 'stop_session', 'its stop was sent');
SELECT pg_temp.connect();
SELECT t.must_as('ann', format('terminate_session(p_session => %L, p_force => true)', id)) FROM s WHERE n = 3;
SELECT ok(pg_temp.debt((SELECT id FROM s WHERE n = 3)), 'forced: cleaning up is owed');
SELECT is(pg_temp.fail_all(30), 5, 'the second stop fails');
SELECT ok(NOT pg_temp.debt((SELECT id FROM s WHERE n = 3)), 'the debt is settled');

-- A session that runs and whose stops were all answered with failure may well still run.
INSERT INTO s SELECT 4, t.create_session('ann');
SELECT is(pg_temp.answer(true), 'start_session', 'the last one runs');
SELECT t.must_as('ann', format('terminate_session(p_session => %L)', id)) FROM s WHERE n = 4;
SELECT is(pg_temp.fail_all(30), 21, 'a stop that fails is tried to the end');
SELECT is(t.state((SELECT id FROM s WHERE n = 4)), 'terminating', 'and not believed');

-- An older stop is not tried again beside a newer one.
SELECT t.make_agent('agent-1', 'process', 1000);
INSERT INTO s SELECT 5, t.create_session('art');
SELECT t.run_command('agent-1', id, 'running') FROM s WHERE n = 5;
SELECT t.must_as('art', format('terminate_session(p_session => %L)', id)) FROM s WHERE n = 5;
CREATE TEMP TABLE first AS SELECT t.claim('agent-1') #>> '{0,command_id}' AS id;
SELECT t.must_as('art', format('terminate_session(p_session => %L, p_force => true)', id)) FROM s WHERE n = 5;
SELECT t.report('complete_commands', 'agent-1', jsonb_build_object('commandId', (SELECT id FROM first), 'ok', false, 'error', 'busy'));
SELECT is((SELECT c.state FROM streamspace_data.agent_command AS c WHERE c.command_id = (SELECT id FROM first)), 'failed',
	'the newer stop brings its own tries');

SELECT * FROM finish();
ROLLBACK;
