-- Two numbers of a session: revision counts what callers see, agent_revision fences what agents report.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE x AS SELECT t.create_session('ann') AS id;
CREATE FUNCTION pg_temp.revision() RETURNS bigint LANGUAGE sql AS $$
	SELECT (t.must_as('ann', format('get_session(p_session => %L)', (SELECT x.id FROM x))) ->> 'revision')::bigint
$$;
CREATE FUNCTION pg_temp.agent_revision() RETURNS bigint LANGUAGE sql AS $$
	SELECT s.agent_revision FROM streamspace_data.session AS s WHERE s.session_id = (SELECT x.id FROM x)
$$;
CREATE FUNCTION pg_temp.report(p_more jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT t.report('observe_sessions', 'agent-1', jsonb_build_object('sessionId', (SELECT x.id FROM x), 'revision', pg_temp.agent_revision()) || p_more)
$$;

SELECT is(pg_temp.agent_revision(), 1::bigint, 'the first command has revision 1');
CREATE TEMP TABLE r AS SELECT pg_temp.revision() AS seen, pg_temp.agent_revision() AS told;

SELECT is(pg_temp.report('{"state": "starting", "reason": "Pulling"}'), 'ok', 'a report that callers see');
SELECT cmp_ok(pg_temp.revision(), '>', (SELECT seen FROM r), 'raises the revision');
SELECT is(pg_temp.agent_revision(), (SELECT told FROM r), 'and not the one of the agent');
UPDATE r SET seen = pg_temp.revision();
SELECT is(pg_temp.report('{"state": "starting", "reason": "Pulling"}'), 'ok', 'the same report again');
SELECT is(pg_temp.revision(), (SELECT seen FROM r), 'shows nothing new and raises nothing');
SELECT is(pg_temp.report('{"state": "running"}'), 'ok', 'running');
SELECT cmp_ok(pg_temp.revision(), '>', (SELECT seen FROM r), 'raises the revision');
SELECT is(pg_temp.agent_revision(), (SELECT told FROM r), 'but tells the agent nothing');

UPDATE r SET seen = pg_temp.revision();
SELECT t.must_as('ann', format('hibernate_session(p_session => %L)', (SELECT id FROM x)));
SELECT cmp_ok(pg_temp.revision(), '>', (SELECT seen FROM r), 'hibernate raises the revision');
SELECT is(pg_temp.agent_revision(), (SELECT told + 1 FROM r), 'and tells the agent under a new one');
SELECT is((SELECT c.revision FROM streamspace_data.agent_command AS c WHERE c.session_id = (SELECT id FROM x) AND c.state = 'pending'),
	pg_temp.agent_revision(), 'which the command carries');
SELECT is((SELECT (c.payload ->> 'revision')::bigint FROM streamspace_data.agent_command AS c WHERE c.session_id = (SELECT id FROM x) AND c.state = 'pending'),
	pg_temp.agent_revision(), 'and its payload');
SELECT is(t.report('observe_sessions', 'agent-1', jsonb_build_object('sessionId', (SELECT id FROM x), 'state', 'running',
	'revision', (SELECT told FROM r))), 'stale_revision', 'what was reported about the former one is over');
SELECT is((SELECT e.revision FROM streamspace_data.session_event AS e WHERE e.session_id = (SELECT id FROM x)
	ORDER BY e.event_id DESC LIMIT 1), pg_temp.revision(), 'history tells the revision that callers saw');

-- Whoever writes: each visible column counts.
CREATE FUNCTION pg_temp.raised(p_set text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	v_before bigint := (SELECT s.revision FROM streamspace_data.session AS s WHERE s.session_id = (SELECT x.id FROM x));
BEGIN
	EXECUTE format('UPDATE streamspace_data.session SET %s WHERE session_id = %L', p_set, (SELECT x.id FROM x));
	RETURN (SELECT s.revision FROM streamspace_data.session AS s WHERE s.session_id = (SELECT x.id FROM x)) - v_before;
END
$$;
SELECT is(pg_temp.raised(w), 1::bigint, w) FROM unnest(ARRAY['reason = ''x''', 'message = ''x''', 'progress = ''{"phase": "x"}''',
	'observed_state = ''failed''', 'deadline_at = deadline_at + interval ''1 s''', 'reason = ''y'', revision = 1']) AS w;
SELECT is(pg_temp.raised(w), 0::bigint, w) FROM unnest(ARRAY['observed_at = now()', 'reason = reason', 'endpoint = ''x''', 'agent_revision = agent_revision + 1']) AS w;

SELECT * FROM finish();
ROLLBACK;
