-- When will it be stopped, by which rule, set by whom and when, how is it prevented, and what keeps it active: in every state.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.keep_logins();
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE s (n int PRIMARY KEY, id text);
GRANT SELECT ON s TO PUBLIC;
CREATE FUNCTION pg_temp.id(p_n int) RETURNS text LANGUAGE sql STABLE AS $$ SELECT s.id FROM s WHERE s.n = p_n $$;
CREATE FUNCTION pg_temp.rules(p_n int) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', e ->> 'rule', e ->> 'action', (e ->> 'at')::timestamptz - now(), 'by ' || (e ->> 'set_by')), ', ' ORDER BY n)
	  FROM jsonb_array_elements(t.outlook(pg_temp.id(p_n)) -> 'all') WITH ORDINALITY AS x (e, n)
$$;
CREATE FUNCTION pg_temp.whole(p_n int) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT k FROM jsonb_array_elements(t.outlook(pg_temp.id(p_n)) -> 'all') AS e, jsonb_object_keys(e) AS k GROUP BY k
$$;

-- Everything at once, by time.
INSERT INTO s VALUES (1, t.running('ann'));
SELECT t.must_as('amy', 'put_policy(p_scope => ''org'', p_name => NULL, p_policy => ''{"idle_seconds": 7200}'')');
SELECT t.must_as('root', 'put_policy(p_scope => ''template'', p_name => ''term'', p_policy => ''{"max_seconds": 36000, "max_action": "terminate"}'', p_org => ''red'')');
SELECT t.must_as('ann', format('put_schedule(p_session => %L, p_schedule => %L)', pg_temp.id(1),
	jsonb_build_object('time_zone', 'UTC', 'days', '[1, 2, 3, 4, 5, 6, 7]'::jsonb, 'stop', to_char(now() AT TIME ZONE 'UTC' + interval '4 hours', 'HH24:MI'))));
SELECT matches(pg_temp.rules(1), '^idle hibernate 02:00:00 by user:red/amy, schedule hibernate 0[34]:[0-9:.]* by user:red/ann, max_duration terminate 10:00:00 by user:default/root$',
	'each rule with what it does, when, and who set it');
SELECT is(t.outlook(pg_temp.id(1)) -> 'next', t.outlook(pg_temp.id(1)) #> '{all,0}', 'next is the first of all');
SELECT t.must_as('amy', format('put_session_policy(p_session => %L, p_policy => ''{"max_seconds": 3600}'')', pg_temp.id(1)));
SELECT is(t.outlook(pg_temp.id(1)) #>> '{next,rule}', 'max_duration', 'whichever that is');
SELECT t.must_as('amy', format('put_session_policy(p_session => %L, p_policy => ''{"max_seconds": null}'')', pg_temp.id(1)));
SELECT set_eq('SELECT pg_temp.whole(1)', ARRAY['at', 'warn_at', 'action', 'rule', 'seconds', 'scope', 'name', 'set_by', 'set_at', 'prevent'], 'every entry is whole');
SELECT is((t.outlook(pg_temp.id(1)) -> 'next') - '{at,warn_at,set_at}'::text[], '{"rule": "idle", "action": "hibernate", "seconds": 7200, "scope": "org", "name": "red",
	"set_by": "user:red/amy", "prevent": "give it input, or extend it (by at most 28800 s)"}', 'the next one in words');
SELECT is(t.outlook(pg_temp.id(1)) -> 'kept_active_by' -> 'kind', '"unknown"', 'nobody gave it input yet');
SELECT is((t.then_as('amy', format('report_activity(p_session => %L)', pg_temp.id(1)))).code, 'ok', 'somebody does');
SELECT is(t.outlook(pg_temp.id(1)) -> 'kept_active_by', jsonb_build_object('kind', 'input', 'at', now(), 'by', 'user:red/amy'), 'that is what keeps it active');
SELECT is((t.then_as(w, format('session_outlook(p_session => %L)', pg_temp.id(1)))).code, c, format('%s asks', w)) FROM (VALUES ('ann', 'ok'), ('amy', 'ok'), ('root', 'ok'),
	('art', 'session_not_found'), ('bob', 'session_not_found'), ('bea', 'session_not_found')) AS v (w, c);
SELECT is(t.code('dba', format('SELECT streamspace.session_outlook(p_session => %L)', pg_temp.id(1))), 'ok', 'a DBA asks');
SELECT is(t.code_as('ann', 'session_outlook(p_session => NULL)'), 'invalid_argument', 'about nothing');
SELECT t.must_as('ann', format('share_session(p_session => %L, p_user => ''art'', p_mode => ''view'')', pg_temp.id(1)));
SELECT is((t.then_as('art', format('session_outlook(p_session => %L)', pg_temp.id(1)))).code, 'ok', 'who may look may look at this too');
SELECT is((t.then_as('art', format('report_activity(p_session => %L)', pg_temp.id(1)))).code, 'session_not_found', 'but gives no input');

-- What it says is what happens: the sweep acts at the time of the outlook and not before.
CREATE TEMP TABLE o AS SELECT (t.outlook(pg_temp.id(1)) #>> '{next,at}')::timestamptz AS at;
SELECT t.sweep(at - now() - interval '6 minutes') FROM o;
SELECT t.sweep(at - now() - interval '5 minutes') FROM o;
SELECT is((t.outlook(pg_temp.id(1)) #>> '{next,at}')::timestamptz, at, 'warned, it says the same') FROM o;
SELECT t.sweep(at - now() - interval '1 second') FROM o;
SELECT is(t.state(pg_temp.id(1)), 'running', 'a second before it runs');
SELECT t.sweep(at - now()) FROM o;
SELECT is(t.state(pg_temp.id(1)), 'hibernating', 'then it does not');
SELECT is(pg_temp.rules(1) ~ '^deadline fail .* by system$', true, 'hibernating: until its deadline');
SELECT t.clock(NULL);
SELECT t.run_command('agent-1', pg_temp.id(1), 'hibernated');
SELECT is(pg_temp.rules(1), NULL, 'hibernated: nothing, for its schedule only stops');
SELECT is(t.outlook(pg_temp.id(1)) -> 'kept_active_by', 'null'::jsonb, 'and nothing keeps it active');
SELECT t.must_as('ann', format('put_schedule(p_session => %L, p_schedule => ''{"time_zone": "Asia/Tokyo", "days": [3], "start": "08:00"}'')', pg_temp.id(1)));
SELECT matches(pg_temp.rules(1), '^schedule wake .* by user:red/ann$', 'with a start: when it is woken');
SELECT is(t.outlook(pg_temp.id(1)) #>> '{next,prevent}', 'change or delete its schedule', 'and how not');

-- Who waits.
SELECT t.must_as('amy', 'put_template(p_name => ''nowhere'', p_spec => ''{"displayName": "N", "platforms": ["docker"], "baseImage": "registry.test/n:1"}'')');
SELECT count(t.report('record_heartbeats', 'agent-1', '{"status": "online"}'));
INSERT INTO s VALUES (2, t.must_as('ann', 'create_session(p_template => ''nowhere'')') ->> 'id'), (3, t.create_session('ann'));
SELECT is(pg_temp.rules(2), 'deadline fail 00:10:00 by system', 'pending: fails after ten minutes');
SELECT matches(t.outlook(pg_temp.id(2)) #>> '{next,prevent}', 'agent', 'unless an agent comes');
SELECT is(t.state(pg_temp.id(3)), 'starting', 'one that starts');
SELECT is(pg_temp.rules(3), 'deadline fail 00:10:00 by system', 'fails after ten minutes too');
SELECT t.must_as('ann', format('terminate_session(p_session => %L)', pg_temp.id(3)));
SELECT is(pg_temp.rules(3), 'deadline terminate 00:10:00 by system', 'terminating: ends all the same');
SELECT t.run_command('agent-1', pg_temp.id(3), 'terminated');
SELECT is(t.outlook(pg_temp.id(3)) -> 'all', '[]', 'terminated: nothing more comes');
SELECT is(t.outlook(pg_temp.id(3)) ->> 'state', 'terminated', 'as its state says');

-- A database administrator and a group stand in it as they are called.
INSERT INTO s VALUES (4, t.running('art'));
SELECT t.must_as('amy', 'put_group(p_name => ''lab'')');
SELECT t.must_as('amy', 'add_group_member(p_group => ''lab'', p_user => ''art'')');
SELECT t.must('dba', 'SELECT streamspace.put_policy(p_scope => ''group'', p_name => ''lab'', p_policy => ''{"idle_seconds": 600}'', p_org => ''red'')');
SELECT is(t.outlook(pg_temp.id(4)) -> 'next' ->> 'set_by', 'dba:dba', 'set by a DBA');
SELECT is(t.outlook(pg_temp.id(4)) -> 'next' ->> 'scope' || ' ' || (t.outlook(pg_temp.id(4)) -> 'next' ->> 'name'), 'group lab', 'for a group');
SELECT is(t.code_as('amy', 'delete_group(p_group => ''lab'')'), 'group_in_use', 'a group with a policy is not deleted by the way');
SELECT t.must_as('amy', 'put_policy(p_scope => ''group'', p_name => ''lab'', p_policy => ''{"idle_seconds": null}'')');
SELECT is(t.code_as('amy', 'delete_group(p_group => ''lab'')'), 'ok', 'once nothing is said for it, it is');
-- Pages of policies.
SELECT is((SELECT array_agg(i ->> 'scope' ORDER BY n) FROM jsonb_array_elements(t.must_as('amy', 'list_policies()') -> 'items') WITH ORDINALITY AS x (i, n)), ARRAY['org', 'template'], 'all policies');
SELECT is(t.must_as('amy', 'list_policies(p_scope => ''template'')') #>> '{items,0,name}', 'term', 'those of templates');
SELECT is(t.must_as('bea', 'list_policies()') -> 'items', '[]', 'another organisation has none');
SELECT is(t.must_as('amy', format('list_policies(p_limit => 1, p_cursor => %L)', t.must_as('amy', 'list_policies(p_limit => 1)') ->> 'next_cursor')) #>> '{items,0,scope}', 'template', 'page by page');
SELECT is(t.code_as(w, 'list_policies()'), c, w) FROM (VALUES ('ann', 'forbidden'), ('amy', 'ok')) AS v (w, c);
SELECT is(t.code_as('amy', 'list_policies(p_scope => ''x'')'), 'invalid_argument', 'no such scope');
SELECT is(t.must_as('amy', 'get_policy(p_scope => ''user'', p_name => ''ann'')') ->> 'revision', '0', 'nothing is set for ann');

SELECT * FROM finish();
ROLLBACK;
