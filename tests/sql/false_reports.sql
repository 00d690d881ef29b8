-- What an agent says wrong, leaves out or makes up costs nobody else anything, and its own sessions not their way out.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE s AS SELECT n, t.create_session('ann') AS id FROM generate_series(1, 3) AS n;
GRANT SELECT ON s TO PUBLIC;
CREATE FUNCTION pg_temp.id(p_n int) RETURNS text LANGUAGE sql STABLE AS 'SELECT s.id FROM s WHERE s.n = p_n';
CREATE FUNCTION pg_temp.revision(p_n int) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT x.revision FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(p_n)
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

SELECT * FROM finish();
ROLLBACK;
