-- Idle hibernation: real input counts, what is not known is not idle, the most specific policy decides, a warning comes before.
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
-- When idleness stops it, in seconds from now, as its outlook says.
CREATE FUNCTION pg_temp.idle_at(p_n int) RETURNS integer LANGUAGE sql AS $$
	SELECT extract(epoch FROM (e ->> 'at')::timestamptz - now())::integer
	  FROM jsonb_array_elements(t.outlook(pg_temp.id(p_n)) -> 'all') AS e WHERE e ->> 'rule' = 'idle'
$$;

-- Without a policy nothing is ever idle.
INSERT INTO s VALUES (1, t.running('ann'));
SELECT t.sweep('30 days');
SELECT is(t.state(pg_temp.id(1)), 'running', 'without a policy a session runs on');
SELECT is(t.outlook(pg_temp.id(1)) -> 'next', 'null'::jsonb, 'and its outlook is empty');
SELECT is((SELECT x.check_at FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(1)), NULL, 'the sweep never looks at it again');
SELECT t.clock(NULL);

-- A policy that comes later concerns who runs already.
SELECT is(pg_temp.policy('org', NULL, '{"idle_seconds": 1800}') ->> 'revision', '1', 'the organisation says half an hour');
SELECT is(t.outlook(pg_temp.id(1)) #>> '{next,rule}', 'idle', 'the outlook knows it at once');
SELECT is(pg_temp.idle_at(1), 1800, 'no input yet: idle time counts from the start of the run');
SELECT is(t.outlook(pg_temp.id(1)) #>> '{kept_active_by,kind}', 'unknown', 'and says so');
SELECT is(t.outlook(pg_temp.id(1)) #>> '{next,set_by}', 'user:red/amy', 'who set it');
SELECT is((t.outlook(pg_temp.id(1)) #>> '{next,set_at}')::timestamptz, now(), 'when');
SELECT is(t.outlook(pg_temp.id(1)) #>> '{next,scope}', 'org', 'for whom');
SELECT matches(t.outlook(pg_temp.id(1)) #>> '{next,prevent}', 'input', 'and how to prevent it');
SELECT is(t.sweep('1 second') ->> 'reviews', '1', 'the sweep asks who runs');
SELECT is((SELECT count(*) FROM streamspace_data.policy_review), 0::bigint, 'once');
SELECT is((SELECT x.check_at FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(1)), now() + interval '25 minutes',
	'and looks at it when the warning is due');

-- Input moves it: of the right session only, without an update of the session.
SELECT t.clock('20 minutes');
CREATE TEMP TABLE r AS SELECT x.revision, x.xmin::text AS row FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(1);
SELECT is((t.then_as('ann', format('report_activity(p_session => %L)', pg_temp.id(1)))).value ->> 'active_at',
	to_json(now() + interval '20 minutes') #>> '{}', 'input is reported');
SELECT is(pg_temp.idle_at(1), 3000, 'idle time counts from it');
SELECT is(t.outlook(pg_temp.id(1)) -> 'kept_active_by', jsonb_build_object('kind', 'input', 'at', now() + interval '20 minutes', 'by', 'user:red/ann'),
	'the outlook says what keeps it active');
SELECT is((SELECT x.revision FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(1)), (SELECT revision FROM r), 'the session itself is not written');
SELECT is((t.then_as('art', format('report_activity(p_session => %L)', pg_temp.id(1)))).code, 'session_not_found', 'nobody else reports for it');
SELECT is((t.then_as('bob', format('report_activity(p_session => %L)', pg_temp.id(1)))).code, 'session_not_found', 'another organisation even less');
SELECT is(t.sweep('30 minutes') ->> 'warned', '0', 'half an hour after the start nothing happens');
SELECT is(t.state(pg_temp.id(1)), 'running', 'it runs');

-- The warning, once; input withdraws it.
SELECT is(t.sweep('45 minutes') ->> 'warned', '1', 'five minutes before it is warned');
SELECT is(pg_temp.shape(1) -> 'warning', jsonb_build_object('at', now() + interval '50 minutes', 'action', 'hibernate', 'rule', 'idle'), 'the session shows it');
SELECT is(t.sweep('46 minutes') ->> 'warned', '0', 'once');
SELECT is((t.then_as('ann', format('report_activity(p_session => %L)', pg_temp.id(1)))).value -> 'warning', 'null'::jsonb, 'input withdraws it at once');
SELECT is(t.events(pg_temp.id(1), 'warned') || ' ' || t.events(pg_temp.id(1), 'warning_withdrawn'), '1 1', 'both are in its history');
SELECT t.sweep('50 minutes');
SELECT is(t.state(pg_temp.id(1)), 'running', 'and it is not stopped');
SELECT is(t.sweep('71 minutes') ->> 'warned', '1', 'later it is warned again');
SELECT is(t.sweep('75 minutes 59 seconds') ->> 'hibernated', '0', 'a second before nothing');
SELECT is(t.sweep('76 minutes') ->> 'hibernated', '1', 'then it is hibernated');
SELECT is(pg_temp.shape(1) ->> 'state', 'hibernating', 'hibernating');
SELECT is(pg_temp.shape(1) ->> 'reason', 'idle', 'for its idleness');
SELECT matches(pg_temp.shape(1) ->> 'message', '1800 s.*org red', 'as the organisation says');
SELECT is((SELECT c.action FROM streamspace_data.agent_command AS c WHERE c.session_id = pg_temp.id(1) AND c.state = 'pending'), 'hibernate_session',
	'its agent is told');
SELECT is(t.sweep('77 minutes') ->> 'hibernated', '0', 'once');
SELECT is(t.events(pg_temp.id(1), 'hibernate'), 1::bigint, 'really once');
SELECT is((SELECT e.actor FROM streamspace_data.session_event AS e WHERE e.session_id = pg_temp.id(1) AND e.event = 'hibernate'), 'rule:idle', 'by the rule');
SELECT is((t.then_as('ann', format('report_activity(p_session => %L)', pg_temp.id(1)))).value ->> 'state', 'hibernating', 'input now is too late, and says so');
SELECT t.clock(NULL);
SELECT t.run_command('agent-1', pg_temp.id(1), 'hibernated');
SELECT is(pg_temp.shape(1) ->> 'reason', 'idle', 'hibernated it still says why');
SELECT matches(pg_temp.shape(1) ->> 'next_step', 'Wake', 'and what to do');
-- A new run begins anew.
SELECT t.clock('3 hours');
SELECT is((t.then_as('ann', format('wake_session(p_session => %L)', pg_temp.id(1)))).code, 'ok', 'woken');
SELECT t.run_command('agent-1', pg_temp.id(1), 'running');
UPDATE streamspace_data.session SET started_at = now() + interval '3 hours' WHERE session_id = pg_temp.id(1);
SELECT is(pg_temp.idle_at(1), 10800 + 1800, 'input of an earlier run does not count in this');
SELECT t.clock(NULL);

-- What was not seen for want of a database is no idleness: the start of the database counts too.
INSERT INTO s VALUES (2, t.running('ann'));
UPDATE streamspace_data.session SET started_at = now() - interval '10 days' WHERE session_id = pg_temp.id(2);
INSERT INTO streamspace_data.session_activity (org_id, session_id, active_at, kind, actor)
SELECT x.org_id, x.session_id, now() - interval '9 days', 'input', 'user:red/ann' FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(2);
SELECT is(pg_temp.idle_at(2), extract(epoch FROM pg_postmaster_start_time() + interval '1800 seconds' - now())::integer,
	'a database that was down for days does not make all idle');

-- Most specific first; of groups the strictest; each value by itself.
SELECT t.must_as('amy', format('put_group(p_name => %L)', g)) FROM unnest(ARRAY['dev', 'lab']) AS g;
SELECT t.must_as('amy', format('add_group_member(p_group => %L, p_user => ''ann'')', g)) FROM unnest(ARRAY['dev', 'lab']) AS g;
INSERT INTO s VALUES (3, t.running('ann'));
CREATE FUNCTION pg_temp.is_idle(p_seconds int, p_what text) RETURNS text LANGUAGE sql AS $$
	SELECT is((SELECT (e ->> 'seconds')::int FROM jsonb_array_elements(t.outlook(pg_temp.id(3)) -> 'all') AS e WHERE e ->> 'rule' = 'idle'), p_seconds, p_what)
$$;
SELECT pg_temp.is_idle(1800, 'the organisation');
SELECT pg_temp.policy('group', 'dev', '{"idle_seconds": 7200}'); SELECT pg_temp.is_idle(7200, 'the group before the organisation');
SELECT pg_temp.policy('group', 'lab', '{"idle_seconds": 3600}'); SELECT pg_temp.is_idle(3600, 'of two groups the stricter');
SELECT pg_temp.policy('group', 'dev', '{"idle_seconds": 0}'); SELECT pg_temp.is_idle(3600, 'never is not stricter');
SELECT pg_temp.policy('user', 'ann', '{"idle_seconds": 5400}'); SELECT pg_temp.is_idle(5400, 'the user before his groups');
SELECT pg_temp.policy('template', 'term', '{"idle_seconds": 4000}'); SELECT pg_temp.is_idle(4000, 'the template before the user');
SELECT t.must_as('amy', format('put_session_policy(p_session => %L, p_policy => ''{"idle_seconds": 9000}'')', pg_temp.id(3)));
SELECT pg_temp.is_idle(9000, 'the session before all');
SELECT t.must_as('amy', format('put_session_policy(p_session => %L, p_policy => ''{"idle_seconds": 0}'')', pg_temp.id(3)));
SELECT pg_temp.is_idle(NULL, 'and 0 is never');
SELECT t.must_as('amy', format('put_session_policy(p_session => %L, p_policy => ''{"idle_seconds": null}'')', pg_temp.id(3)));
SELECT pg_temp.policy('template', 'term', '{"idle_seconds": null}'); SELECT pg_temp.policy('user', 'ann', '{"idle_seconds": null}');
SELECT pg_temp.is_idle(3600, 'null takes a value back: the next scope decides');
SELECT is(pg_temp.policy('org', NULL, '{"warn_seconds": 60}') - 'updated_at' - 'set', '{"scope": "org", "name": "red", "org": "red", "idle_seconds": 1800,
	"max_seconds": null, "max_action": null, "warn_seconds": 60, "extend_seconds": null, "revision": 2}', 'what is not named stays');
SELECT is(pg_temp.policy('org', NULL, '{}') #>> '{set,idle_seconds,by}', 'user:red/amy', 'every value remembers who set it');

-- The owner may be stricter, not looser, also later.
CREATE FUNCTION pg_temp.own(p_policy text) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.then_as('ann', format('put_session_policy(p_session => %L, p_policy => %L)', pg_temp.id(3), p_policy))
$$;
SELECT is((pg_temp.own('{"idle_seconds": 3601}')).code, 'policy_not_stricter', 'the owner cannot loosen it');
SELECT is((pg_temp.own('{"idle_seconds": 3601}')).detail::jsonb, '{"pointer": "/policy/idle_seconds", "limit": 3600}', 'and hears the limit');
SELECT is((pg_temp.own('{"idle_seconds": 0}')).code, 'policy_not_stricter', 'nor switch it off');
SELECT is((pg_temp.own('{"extend_seconds": 28801}')).code, 'policy_not_stricter', 'nor allow himself more');
SELECT is((pg_temp.own('{"idle_seconds": 3000}')).value #>> '{effective,idle_seconds}', '3000', 'he can tighten it');
SELECT pg_temp.is_idle(3000, 'which counts');
SELECT pg_temp.policy('group', 'lab', '{"idle_seconds": 600}');
SELECT pg_temp.is_idle(600, 'as long as it is stricter');
SELECT is((t.then_as('art', format('put_session_policy(p_session => %L, p_policy => ''{}'')', pg_temp.id(3)))).code, 'session_not_found', 'a session of another');
SELECT is(t.code_as('ann', 'put_policy(p_scope => ''org'', p_name => NULL, p_policy => ''{}'')'), 'forbidden', 'users make no policies');
SELECT is(t.code_as('amy', format('put_policy(p_scope => %L, p_name => %L, p_policy => %L)', sc, na, po)), co, format('%s %s %s', sc, na, po))
  FROM (VALUES ('org', NULL, '{"idle_seconds": 59}', 'invalid_argument'), ('org', NULL, '{"idle_seconds": 31536001}', 'invalid_argument'),
	('org', NULL, '{"idle_seconds": "60"}', 'invalid_argument'), ('org', NULL, '{"idle": 60}', 'invalid_argument'), ('org', NULL, '[]', 'invalid_argument'),
	('org', NULL, '{"max_action": "explode"}', 'invalid_argument'), ('org', NULL, '{"warn_seconds": -1}', 'invalid_argument'),
	('org', 'blue', '{}', 'invalid_argument'), ('planet', 'x', '{}', 'invalid_argument'), (NULL, 'x', '{}', 'invalid_argument'),
	('session', 'x', '{}', 'invalid_argument'), ('group', NULL, '{}', 'invalid_argument'),
	('group', 'nobody', '{}', 'group_not_found'), ('user', 'bob', '{}', 'user_not_found'), ('template', 'nothing', '{}', 'template_not_found')) AS x (sc, na, po, co);
SELECT is(t.code_as('amy', 'put_policy(p_scope => ''org'', p_name => NULL, p_policy => ''{}'', p_if_revision => 1)'), 'revision_mismatch', 'an older revision');

-- The template's own times.
SELECT t.must_as('amy', 'put_template(p_name => ''brief'', p_spec => ''{"displayName": "B", "platforms": ["process"], "command": ["xterm"], "idleTimeout": "15m"}'')');
INSERT INTO s VALUES (4, t.running('ann', 'brief'));
SELECT is(t.outlook(pg_temp.id(4)) #>> '{next,seconds}', '900', 'idleTimeout of the template counts as its policy');
SELECT is(t.outlook(pg_temp.id(4)) #>> '{next,scope}', 'template', 'before user and organisation');
SELECT is(t.outlook(pg_temp.id(4)) #>> '{next,set_by}', 'user:red/amy', 'set by who wrote the revision');
SELECT pg_temp.policy('template', 'brief', '{"idle_seconds": 1200}');
SELECT is(t.outlook(pg_temp.id(4)) #>> '{next,seconds}', '1200', 'put_policy for the template before what the template says');

-- Batches of the server.
SELECT t.clock('10 minutes');
SELECT is(t.must(NULL, format('SELECT streamspace.record_activity(p_items => %L)', jsonb_build_array(
	jsonb_build_object('session', pg_temp.id(4), 'ago_ms', 60000, 'actor', 'user:red/ann'), jsonb_build_object('session', pg_temp.id(4), 'ago_ms', 120000),
	jsonb_build_object('session', 's-00000000000000000000000000'), '{}'::jsonb))),
	'[{"index": 0, "result": "ok"}, {"index": 1, "result": "ok"}, {"index": 2, "result": "unknown"}, {"index": 3, "result": "unknown"}]', 'a batch');
SELECT is((t.outlook(pg_temp.id(4)) #>> '{kept_active_by,at}')::timestamptz, now() + interval '9 minutes', 'the latest of them counts');
SELECT is(t.must(NULL, format('SELECT streamspace.record_activity(p_items => %L)', jsonb_build_array(
	jsonb_build_object('session', pg_temp.id(4), 'ago_ms', 300000)))) #>> '{0,result}', 'ok', 'an older one');
SELECT is((t.outlook(pg_temp.id(4)) #>> '{kept_active_by,at}')::timestamptz, now() + interval '9 minutes', 'takes nothing back');
SELECT t.sweep('28 minutes');
SELECT isnt(pg_temp.shape(4) -> 'warning', 'null'::jsonb, 'warned');
SELECT t.must(NULL, format('SELECT streamspace.record_activity(p_items => %L)', jsonb_build_array(jsonb_build_object('session', pg_temp.id(4)))));
SELECT is(pg_temp.shape(4) -> 'warning', 'null'::jsonb, 'a batch withdraws warnings too');
SELECT is(t.code('dba', 'SELECT streamspace.record_activity(p_items => ''[]'')'), '42501', 'which only the server may call');

-- Who comes into a group with a policy, or leaves it, is judged anew.
SELECT t.sweep('28 minutes');
SELECT t.must_as('amy', format('%s_group_member(p_group => ''lab'', p_user => ''art'')', f)) FROM unnest(ARRAY['add', 'remove']) WITH ORDINALITY AS x (f, n) ORDER BY n;
SELECT is((SELECT count(*) FROM streamspace_data.policy_review AS r JOIN streamspace_data.app_user AS u USING (org_id, user_id) WHERE u.name = 'art'), 2::bigint,
	'a change of who is in a group is a change of policies');

-- One row that cannot be judged stops nobody else, nor itself for ever.
SELECT t.clock(NULL);
INSERT INTO s VALUES (5, t.running('art'));
SELECT t.sweep('0 s');
UPDATE streamspace_data.session SET check_at = now() - CASE session_id WHEN pg_temp.id(3) THEN interval '2 hours' ELSE interval '1 hour' END
 WHERE session_id IN (pg_temp.id(3), pg_temp.id(5));
CREATE FUNCTION pg_temp.break() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.state = 'hibernating' AND NEW.session_id = pg_temp.id(3) THEN
		RAISE EXCEPTION 'broken';
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER a_broken BEFORE UPDATE ON streamspace_data.session FOR EACH ROW EXECUTE FUNCTION pg_temp.break();
GRANT SELECT ON s TO PUBLIC;
SELECT is((t.sweep('59 minutes', 1) ->> 'checks_failed')::int, 1, 'a sweep of one meets the broken one');
SELECT is((t.sweep('59 minutes', 1) ->> 'checked')::int, 1, 'the next sweep goes on with others');
SELECT is((SELECT x.check_at FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(3)), now() + interval '64 minutes', 'and comes back to it later');

SELECT * FROM finish();
ROLLBACK;
