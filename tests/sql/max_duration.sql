-- A run lasts no longer than its maximum, and then does what the policy says; an extension moves the end, within a bound.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.keep_logins();
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE s (n int PRIMARY KEY, id text);
CREATE FUNCTION pg_temp.id(p_n int) RETURNS text LANGUAGE sql STABLE AS $$ SELECT s.id FROM s WHERE s.n = p_n $$;
CREATE FUNCTION pg_temp.policy(p_scope text, p_name text, p_policy text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must_as('amy', format('put_policy(p_scope => %L, p_name => %L, p_policy => %L)', p_scope, p_name, p_policy))
$$;
CREATE FUNCTION pg_temp.shape(p_n int) RETURNS jsonb LANGUAGE sql AS $$
	SELECT (t.then_as('root', format('get_session(p_session => %L)', pg_temp.id(p_n)))).value
$$;
CREATE FUNCTION pg_temp.extend(p_n int, p_seconds int, p_user text DEFAULT 'ann') RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.then_as(p_user, format('extend_session(p_session => %L, p_seconds => %s)', pg_temp.id(p_n), p_seconds))
$$;

SELECT pg_temp.policy('org', NULL, '{"max_seconds": 7200, "extend_seconds": 3600}');
SELECT pg_temp.policy('user', 'art', '{"max_seconds": 7200, "max_action": "terminate", "warn_seconds": 0}');
INSERT INTO s VALUES (1, t.running('ann')), (2, t.running('art'));

-- However busy: input does not move it.
SELECT is(t.sweep('1 hour 54 minutes 59 seconds') ->> 'warned', '0', 'not yet near');
SELECT is((t.then_as('ann', format('report_activity(p_session => %L)', pg_temp.id(1)))).code, 'ok', 'somebody types');
SELECT is(t.sweep('1 hour 55 minutes') ->> 'warned', '1', 'five minutes before, a warning; none for who has set it off');
SELECT is(pg_temp.shape(1) -> 'warning', jsonb_build_object('at', now() + interval '2 hours', 'action', 'hibernate', 'rule', 'max_duration'), 'what, when, why');
SELECT is((t.then_as('ann', format('report_activity(p_session => %L)', pg_temp.id(1)))).value #>> '{warning,rule}', 'max_duration', 'input does not withdraw it');
SELECT is(t.sweep('1 hour 59 minutes 59 seconds') -> 'hibernated', '0', 'not a second too early');
CREATE TEMP TABLE a AS SELECT t.sweep('2 hours') AS a;
SELECT is((SELECT (a ->> 'hibernated') || ' ' || (a ->> 'terminated') FROM a), '1 1', 'after two hours one is hibernated, one terminated');
SELECT is(pg_temp.shape(1) ->> 'state', 'hibernating', 'hibernated by default');
SELECT is(pg_temp.shape(2) ->> 'state', 'terminating', 'terminated where the policy says so');
SELECT matches(pg_temp.shape(2) ->> 'message', '7200 s.*user art', 'and whose policy it was');
SELECT is(t.events(pg_temp.id(2), 'warned'), 0::bigint, 'without a warning, as it says too');
SELECT t.sweep('2 hours 1 minute');
SELECT is(t.events(pg_temp.id(1), 'hibernate') || ' ' || t.events(pg_temp.id(2), 'terminate'), '1 1', 'once each');
SELECT t.clock(NULL);
SELECT t.run_command('agent-1', pg_temp.id(2), 'terminated');
SELECT is(pg_temp.shape(2) ->> 'reason', 'max_duration', 'terminated it still says why');

-- The maximum is one of a run: a wake begins another. What its agent brings back by itself does not.
SELECT t.run_command('agent-1', pg_temp.id(1), 'hibernated');
SELECT is((t.then_as('ann', format('wake_session(p_session => %L)', pg_temp.id(1)))).code, 'ok', 'woken');
SELECT is((SELECT x.started_at FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(1)), NULL, 'no run yet');
SELECT t.run_command('agent-1', pg_temp.id(1), 'running');
SELECT is((t.outlook(pg_temp.id(1)) #>> '{next,at}')::timestamptz, now() + interval '2 hours', 'a new run has its two hours');
UPDATE streamspace_data.session SET started_at = now() - interval '1 hour' WHERE session_id = pg_temp.id(1);
UPDATE streamspace_data.session SET observed_at = now() - interval '1 hour' WHERE session_id = pg_temp.id(1);
UPDATE streamspace_data.agent_connection SET connected_at = now() - interval '2 hours' WHERE disconnected_at IS NULL;
SELECT t.must('api', format('SELECT streamspace.record_inventory(p_agent => ''agent-1'', p_epoch => %s, p_objects => ''[]'', p_complete => true)', t.epoch('agent-1')));
SELECT is(pg_temp.shape(1) ->> 'state', 'starting', 'its compute was lost: it is started again');
SELECT t.run_command('agent-1', pg_temp.id(1), 'running');
SELECT is((t.outlook(pg_temp.id(1)) #>> '{next,at}')::timestamptz, now() + interval '1 hour', 'in the same run');

-- Extensions: from now, never backwards, within the bound, of running sessions, by those who may.
SELECT t.clock('50 minutes');
SELECT is((pg_temp.extend(1, 3600)).value -> 'warning', 'null'::jsonb, 'extended by an hour from now');
SELECT is((t.outlook(pg_temp.id(1)) #>> '{next,at}')::timestamptz, now() + interval '110 minutes', 'the end moves');
SELECT is((t.outlook(pg_temp.id(1)) ->> 'kept_until')::timestamptz, now() + interval '110 minutes', 'and the outlook says until when it is kept');
SELECT is(t.events(pg_temp.id(1), 'extend'), 1::bigint, 'it is in the history');
SELECT is((pg_temp.extend(1, 600)).code, 'ok', 'a shorter one');
SELECT is((t.outlook(pg_temp.id(1)) #>> '{next,at}')::timestamptz, now() + interval '110 minutes', 'takes nothing back');
SELECT is((pg_temp.extend(1, 3601)).code, 'extension_too_long', 'a second more than its policy allows');
SELECT t.clock('80 minutes');
SELECT is((pg_temp.extend(1, 3600)).code, 'extension_too_long', 'nor an hour after its maximum and a bit');
SELECT is(((pg_temp.extend(1, 3600)).detail::jsonb ->> 'limit')::timestamptz, now() + interval '2 hours', 'the refusal says until when');
SELECT is((pg_temp.extend(1, 2400)).code, 'ok', 'until exactly there');
SELECT is(t.sweep('115 minutes') ->> 'warned', '1', 'warned before the new end');
SELECT is(t.sweep('2 hours') ->> 'hibernated', '1', 'which comes');
SELECT is((pg_temp.extend(1, 600)).code, 'session_not_running', 'what does not run is not extended');
SELECT is((pg_temp.extend(1, s)).code, 'invalid_argument', format('%s seconds', s)) FROM unnest(ARRAY[59, -1, 2592001]) AS s;
SELECT is((pg_temp.extend(1, 600, w)).code, 'session_not_found', format('%s has no such session', w)) FROM unnest(ARRAY['art', 'bob', 'bea']) AS w;
SELECT t.clock(NULL);
SELECT t.run_command('agent-1', pg_temp.id(1), 'hibernated');
SELECT is((SELECT x.keep_until FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(1)), NULL, 'an extension ends with its run');
SELECT pg_temp.policy('org', NULL, '{"extend_seconds": 0}');
INSERT INTO s VALUES (3, t.running('ann'));
SELECT is((pg_temp.extend(3, 60)).code, 'extension_too_long', 'where nothing may be put off, nothing is');
SELECT matches(t.outlook(pg_temp.id(3)) #>> '{next,prevent}', 'administrator', 'and the outlook says whom to ask');
SELECT is((t.then_as('ann', format('extend_session(p_session => %L, p_seconds => 60, p_if_revision => 1)', pg_temp.id(3)))).code, 'revision_mismatch', 'an old revision');

-- A policy that becomes stricter than the run is long: a warning comes first all the same.
INSERT INTO s VALUES (4, t.running('bob'));
SELECT is(t.sweep('3 hours') ->> 'warned', '1', 'another organisation has no maximum (the one warned is ann''s)');
SELECT is((t.then_as('bea', 'put_policy(p_scope => ''org'', p_name => NULL, p_policy => ''{"max_seconds": 3600}'')')).code, 'ok', 'blue gets one of an hour');
SELECT is(t.sweep('3 hours 1 second') ->> 'warned', '1', 'warned at once');
SELECT is(pg_temp.shape(4) -> 'warning' ->> 'at', to_json(now() + interval '3 hours 1 second' + interval '150 seconds') #>> '{}', 'with half of the time that a warning has');
SELECT is(t.sweep('3 hours 2 minutes') -> 'hibernated', '0', 'not before that');
SELECT t.sweep('3 hours 2 minutes 31 seconds');
SELECT is(pg_temp.shape(4) ->> 'state', 'hibernating', 'then it is stopped');
SELECT t.clock(NULL);

-- max_seconds 0 is none, and max_action goes its own way.
INSERT INTO s VALUES (5, t.running('ann'));
SELECT is((t.then_as('ann', format('put_session_policy(p_session => %L, p_policy => ''{"max_seconds": 0}'')', pg_temp.id(5)))).code, 'policy_not_stricter', 'she cannot take it away');
SELECT is((t.then_as('ann', format('put_session_policy(p_session => %L, p_policy => ''{"max_action": "terminate"}'')', pg_temp.id(5)))).value #>> '{effective,max_action}',
	'terminate', 'but end it for good');
SELECT is((t.outlook(pg_temp.id(5)) #>> '{next,action}'), 'terminate', 'which the outlook knows');
SELECT pg_temp.policy('org', NULL, '{"max_action": "terminate"}');
SELECT is((t.then_as('ann', format('put_session_policy(p_session => %L, p_policy => ''{"max_action": "hibernate"}'')', pg_temp.id(5)))).code, 'policy_not_stricter',
	'where it is terminated she cannot have it hibernated');
SELECT t.must_as('amy', format('put_session_policy(p_session => %L, p_policy => ''{"max_seconds": 0}'')', pg_temp.id(5)));
SELECT is(t.outlook(pg_temp.id(5)) -> 'all', '[]'::jsonb, 'an administrator can take it away');
-- What a new session is asked for.
SELECT is(streamspace_rules.check_session_times(x, i, m, o) ->> 'code', c, format('idle %s, max %s, %s', i, m, CASE WHEN o THEN 'by its owner' ELSE 'by an administrator' END))
  FROM streamspace_data.session AS x, (VALUES (NULL, NULL, true, NULL), (60, 60, true, NULL), (59, NULL, false, 'invalid_argument'), (NULL, 31536001, false, 'invalid_argument'),
	(NULL, 7201, true, 'policy_not_stricter'), (NULL, 7201, false, NULL), (NULL, 0, true, 'policy_not_stricter'), (0, 0, false, NULL), (0, NULL, true, NULL)) AS v (i, m, o, c)
 WHERE x.session_id = pg_temp.id(5);
INSERT INTO s VALUES (6, t.running('ann'));
SELECT is(streamspace_rules.set_session_times(pg_temp.id(6), 600, 3600, 'user:red/ann', true), NULL, 'taken as the policy of the session');
SELECT is((SELECT jsonb_object_agg(e ->> 'rule', e -> 'seconds') FROM jsonb_array_elements(t.outlook(pg_temp.id(6)) -> 'all') AS e), '{"idle": 600, "max_duration": 3600}', 'and counts');

SELECT * FROM finish();
ROLLBACK;
