-- What an agent says wrong, leaves out or makes up costs nobody else anything, and its own sessions not their way out.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE s AS SELECT n, t.create_session('ann') AS id FROM generate_series(1, 3) AS n;
GRANT SELECT ON s TO PUBLIC;
CREATE FUNCTION pg_temp.id(p_n int) RETURNS text LANGUAGE sql STABLE AS 'SELECT s.id FROM s WHERE s.n = p_n';
CREATE FUNCTION pg_temp.revision(p_n int) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT x.agent_revision FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(p_n)
$$;
CREATE FUNCTION pg_temp.inventory(VARIADIC p_objects jsonb[]) RETURNS jsonb LANGUAGE sql AS $$
	SELECT streamspace.record_inventory(p_agent => 'agent-1', p_epoch => t.epoch('agent-1'), p_objects => to_jsonb(p_objects), p_complete => true)
$$;
-- Moves the clock (which only a superuser can, so the calls below are his); the agent is heard of there.
CREATE FUNCTION pg_temp.clock(p_offset text) RETURNS void LANGUAGE sql AS $$
	SELECT set_config('streamspace.clock_offset', p_offset, true);
	SELECT streamspace.record_heartbeats(jsonb_build_array(jsonb_build_object('agent', 'agent-1', 'epoch', t.epoch('agent-1'))));
$$;
CREATE FUNCTION pg_temp.object(p_id text, p_revision bigint, p_state text DEFAULT 'running') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('kind', 'session', 'id', p_id, 'revision', p_revision, 'uid', 'u', 'state', p_state)
$$;

-- Progress and heartbeats that leave a number out.
SELECT t.claim('agent-1');
CREATE TEMP TABLE c AS SELECT c.command_id FROM streamspace_data.agent_command AS c WHERE c.object_id = pg_temp.id(1);
SELECT is(t.report('report_progress', 'agent-1', jsonb_build_object('commandId', command_id, 'phase', 'pulling')), 'ok', 'progress without a percentage') FROM c;
SELECT is((SELECT s.progress FROM streamspace_data.session AS s WHERE s.session_id = pg_temp.id(1)), '{"phase": "pulling", "percent": null}', 'has none');
SELECT is(t.report('report_progress', 'agent-1', jsonb_build_object('commandId', command_id, 'phase', 'pulling', 'percent', 1000)), 'ok', 'one above all bounds') FROM c;
SELECT is((SELECT s.progress ->> 'percent' FROM streamspace_data.session AS s WHERE s.session_id = pg_temp.id(1)), '100', 'is cut');
SELECT is(t.report('record_heartbeats', 'agent-1', '{"status": "online"}'), 'ok', 'a heartbeat without a number of sessions');
SELECT is((SELECT h.active_sessions FROM streamspace_data.agent_heartbeat AS h WHERE h.agent_id = 'agent-1'), NULL, 'has none');
UPDATE streamspace_data.agent_command SET state = 'completed', finished_at = now() WHERE state = 'sent' AND object_kind = 'session';

-- A report of protocol 3 without a revision, or with one that is none, is about nothing.
SELECT is(t.report('observe_sessions', 'agent-1', jsonb_build_object('sessionId', pg_temp.id(1), 'state', 'failed') || more), 'ignored',
	format('a report with %s', more)) FROM unnest(ARRAY['{}', '{"revision": null}', '{"revision": "1"}', '{"revision": 1e300}', '{"revision": -1}']::jsonb[]) AS more;
SELECT is(t.state(pg_temp.id(1)), 'starting', 'changes nothing');

-- Revisions from far in the future, by inventory: the session stays under control.
SELECT count(t.report('observe_sessions', 'agent-1', jsonb_build_object('sessionId', id, 'state', 'running', 'revision', pg_temp.revision(n)))) FROM s;
SELECT is(pg_temp.inventory(pg_temp.object(pg_temp.id(1), 9007199254740991), pg_temp.object(pg_temp.id(2), 9007199254740990),
	pg_temp.object(pg_temp.id(3), 40)) ->> 'commands', '3', 'all three get a command');
SELECT is(pg_temp.revision(3), 41::bigint, 'a revision from before a restore is taken over');
SELECT cmp_ok(pg_temp.revision(1), '<', 1000000000::bigint, 'one that never can have been is not');
SELECT is(t.code_as('ann', format('hibernate_session(p_session => %L)', pg_temp.id(1))), 'ok', 'the session can be hibernated');
SELECT is(t.code_as('ann', format('terminate_session(p_session => %L)', pg_temp.id(1))), 'ok', 'and terminated');
SELECT is(t.code_as('ann', format('terminate_session(p_session => %L, p_force => true)', pg_temp.id(2))), 'ok', 'the other one by force');
SELECT pg_temp.clock('11 minutes');
SELECT is(t.code(NULL, 'SELECT streamspace.tick()'), 'ok', 'a sweep goes through');
SELECT is(t.state(pg_temp.id(1)), 'terminated', 'and ends it');
SELECT pg_temp.clock('');

-- One session that cannot be moved does not keep a sweep from the others.
INSERT INTO s SELECT n, t.create_session('art') FROM generate_series(4, 5) AS n;
UPDATE streamspace_data.session SET agent_revision = 9007199254740991 WHERE session_id = pg_temp.id(4);
SELECT pg_temp.clock('22 minutes');
SET LOCAL client_min_messages = error;
SELECT is(t.must(NULL, 'SELECT streamspace.tick()') - 'placed' @> '{"deadlines": 1, "deadlines_failed": 1}', true, 'a sweep moves one of two, and counts the other');
SELECT is(t.state(pg_temp.id(5)), 'failed', 'the one that can be moved');
SELECT pg_temp.clock('');
UPDATE streamspace_data.session SET agent_revision = 1 WHERE session_id = pg_temp.id(4);

-- An orphan whose stop came to nothing is stopped again.
SELECT pg_temp.inventory(pg_temp.object('s-zzzzzzzzzzzzzzzzzzzzzzzzzz', 7));
SELECT pg_temp.clock('40 minutes');
SELECT is(t.must(NULL, 'SELECT streamspace.tick()') ->> 'orphans', '1', 'after its grace an orphan is stopped');
SELECT pg_temp.inventory(pg_temp.object('s-zzzzzzzzzzzzzzzzzzzzzzzzzz', 7));
SELECT is(t.must(NULL, 'SELECT streamspace.tick()') ->> 'orphans', '0', 'once, while that command is under way');
UPDATE streamspace_data.agent_command SET state = 'failed', finished_at = now(), lease_until = NULL WHERE object_id = 's-zzzzzzzzzzzzzzzzzzzzzzzzzz';
SELECT pg_temp.inventory(pg_temp.object('s-zzzzzzzzzzzzzzzzzzzzzzzzzz', 7));
SELECT is(t.must(NULL, 'SELECT streamspace.tick()') ->> 'orphans', '1', 'again when it has failed and the orphan is still there');
SELECT pg_temp.clock('');

-- A command that only brings an agent back in line is tried again when it fails, and believed in the end.
INSERT INTO s SELECT 6, t.create_session('art');
SELECT t.run_command('agent-1', pg_temp.id(6), 'running');
UPDATE streamspace_data.agent_command SET state = 'completed', finished_at = now(), lease_until = NULL WHERE state IN ('pending', 'sent', 'acked');
SELECT pg_temp.inventory(pg_temp.object(pg_temp.id(6), 0));
CREATE FUNCTION pg_temp.fail(p_n int, p_max int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	v_command text;
	v_tries int := 0;
BEGIN
	LOOP
		UPDATE streamspace_data.agent_command SET not_before = NULL WHERE state = 'pending';
		PERFORM t.claim('agent-1');
		SELECT c.command_id INTO v_command FROM streamspace_data.agent_command AS c
		WHERE c.object_id = pg_temp.id(p_n) AND c.state = 'sent' AND c.action = 'start_session';
		EXIT WHEN NOT FOUND OR v_tries >= p_max;
		PERFORM t.report('complete_commands', 'agent-1', jsonb_build_object('commandId', v_command, 'ok', false, 'error', 'not now', 'reason', 'NotNow'));
		v_tries := v_tries + 1;
	END LOOP;
	RETURN v_tries;
END
$$;
SELECT is(pg_temp.fail(6, 3), 3, 'a running session that differs: its start is tried again');
SELECT is(t.state(pg_temp.id(6)), 'running', 'and the session left as it is');
SELECT is(pg_temp.fail(6, 50) + 3, 21, 'not for ever');
SELECT is(t.state(pg_temp.id(6)), 'failed', 'then it has failed');

SELECT * FROM finish();
ROLLBACK;
