-- A warning: before every stop, once, withdrawn when the stop moves away, gone with the run; and callers see each change.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.keep_logins();
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE x AS SELECT t.running('ann') AS id;
GRANT SELECT ON x TO PUBLIC;
CREATE FUNCTION pg_temp.policy(p_policy text) RETURNS void LANGUAGE sql AS $$
	SELECT t.must_as('amy', format('put_session_policy(p_session => %L, p_policy => %L)', (SELECT id FROM x), p_policy))
$$;
CREATE FUNCTION pg_temp.shape() RETURNS jsonb LANGUAGE sql AS $$
	SELECT (t.then_as('ann', format('get_session(p_session => %L)', (SELECT id FROM x)))).value
$$;
CREATE FUNCTION pg_temp.warned(OUT rule text, OUT after interval) LANGUAGE sql AS $$
	SELECT w ->> 'rule', (w ->> 'at')::timestamptz - now() FROM (SELECT pg_temp.shape() -> 'warning') AS q (w)
$$;
CREATE FUNCTION pg_temp.history() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', e.event, e.details ->> 'rule'), ', ' ORDER BY e.event_id) FROM streamspace_data.session_event AS e
	 WHERE e.session_id = (SELECT id FROM x) AND e.event ~ '^warn|^hibernate$|^terminate$'
$$;

-- The lead of a warning: warn_seconds, but no more than half of the time that the rule gives.
CREATE FUNCTION pg_temp.lead(p_policy text) RETURNS interval LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.policy(p_policy);
	RETURN (SELECT (o #>> '{next,at}')::timestamptz - (o #>> '{next,warn_at}')::timestamptz FROM t.outlook((SELECT id FROM x)) AS o);
END
$$;
SELECT is(pg_temp.lead(p), l, format('%s is warned %s before', p, coalesce(l::text, 'never'))) FROM (VALUES
	('{"idle_seconds": 3600, "warn_seconds": null}', interval '5 minutes'), ('{"warn_seconds": 900}', '15 minutes'), ('{"idle_seconds": 600}', '5 minutes'),
	('{"warn_seconds": 0}', NULL), ('{"idle_seconds": 0, "max_seconds": 600, "warn_seconds": 400}', '5 minutes'), ('{"max_seconds": 0, "warn_seconds": 600}', NULL)) AS v (p, l);

-- Two rules: who comes first is warned of; when it is moved away the other.
SELECT pg_temp.policy('{"idle_seconds": 3600, "max_seconds": 3700, "warn_seconds": 600}');
SELECT t.sweep('49 minutes 59 seconds');
SELECT is((pg_temp.warned()).rule, NULL, 'not yet');
CREATE TEMP TABLE r AS SELECT (pg_temp.shape() ->> 'revision')::bigint AS revision;
SELECT t.sweep('50 minutes');
SELECT is(pg_temp.warned()::text, row('idle'::text, interval '1 hour')::text, 'idleness comes first');
SELECT cmp_ok((pg_temp.shape() ->> 'revision')::bigint, '>', (SELECT revision FROM r), 'callers see it: a new revision');
SELECT is((SELECT e.revision FROM streamspace_data.session_event AS e WHERE e.session_id = (SELECT id FROM x) AND e.event = 'warned'),
	(pg_temp.shape() ->> 'revision')::bigint, 'which the history names');
SELECT t.sweep('50 minutes 30 seconds');
SELECT t.sweep('50 minutes 59 seconds');
SELECT is(pg_temp.history(), 'warned idle', 'sweeps in between say nothing twice');
SELECT is((t.then_as('ann', format('report_activity(p_session => %L)', (SELECT id FROM x)))).code, 'ok', 'she types');
SELECT is((pg_temp.warned()).rule, NULL, 'idleness is far away again, and the maximum not yet near');
SELECT t.sweep('51 minutes 39 seconds');
SELECT is((pg_temp.warned()).rule, NULL, 'still');
SELECT t.sweep('51 minutes 40 seconds');
SELECT is(pg_temp.warned()::text, row('max_duration'::text, interval '3700 seconds')::text, 'then it is');
SELECT is(pg_temp.history(), 'warned idle, warning_withdrawn idle, warned max_duration', 'all of it once');

-- Extension: within the lead of its new end it is warned of at once.
SELECT t.sweep('55 minutes');
SELECT is((t.then_as('ann', format('extend_session(p_session => %L, p_seconds => 480)', (SELECT id FROM x)))).value -> 'warning' ->> 'at',
	to_json(now() + interval '63 minutes') #>> '{}', 'less than the warning takes: the same, at the new time');
SELECT is(pg_temp.history(), 'warned idle, warning_withdrawn idle, warned max_duration, warning_withdrawn max_duration, warned max_duration', 'said anew');
SELECT is((t.then_as('ann', format('extend_session(p_session => %L, p_seconds => 1680)', (SELECT id FROM x)))).value -> 'warning', 'null'::jsonb, 'more: none');

-- A policy that is taken back takes its warning with it; so does the end of the run, however it ends.
SELECT t.sweep('73 minutes');
SELECT is((pg_temp.warned()).rule, 'max_duration', 'warned');
SELECT is((t.then_as('amy', format('put_session_policy(p_session => %L, p_policy => ''{"max_seconds": 0, "idle_seconds": 0}'')', (SELECT id FROM x)))).code, 'ok', 'no rule any more');
SELECT t.sweep('73 minutes 1 second');
SELECT is((pg_temp.warned()).rule, NULL, 'no warning');
SELECT is((t.then_as('amy', format('put_session_policy(p_session => %L, p_policy => ''{"max_seconds": 5400}'')', (SELECT id FROM x)))).code, 'ok', 'another');
SELECT t.sweep('81 minutes');
SELECT is((pg_temp.warned()).rule, 'max_duration', 'warned of it');
SELECT is((t.then_as('ann', format('hibernate_session(p_session => %L)', (SELECT id FROM x)))).value -> 'warning', 'null'::jsonb, 'she is faster');
SELECT is((SELECT x.check_at FROM streamspace_data.session AS x WHERE x.session_id = (SELECT id FROM x)), NULL, 'nothing is due any more');
SELECT t.sweep('91 minutes');
SELECT is((SELECT count(*) FROM streamspace_data.session_event AS e WHERE e.session_id = (SELECT id FROM x) AND e.event = 'hibernate'), 1::bigint, 'nothing comes on top');

SELECT throws_ok(format($$UPDATE streamspace_data.session SET warning = '{"at": 1}' WHERE session_id = %L$$, (SELECT id FROM x)), '23514', NULL, 'a warning is whole');
SELECT throws_ok(format($$UPDATE streamspace_data.session SET warning = '{"at": 1, "action": "x", "rule": "y"}' WHERE session_id = %L$$, (SELECT id FROM x)), '23514', NULL, 'and only for who runs');
SELECT * FROM finish();
ROLLBACK;
