-- Working hours: by the clock of a time zone, through both changes of daylight saving, once a moment, and never against
-- what a person decided after it.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.keep_logins();
SELECT t.make_years();
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE s (n int PRIMARY KEY, id text);
CREATE FUNCTION pg_temp.id(p_n int) RETURNS text LANGUAGE sql STABLE AS $$ SELECT s.id FROM s WHERE s.n = p_n $$;
-- The clock is set to a local time of a zone, years from now: none of these days is today.
CREATE FUNCTION pg_temp.at(p_at timestamptz) RETURNS jsonb LANGUAGE sql AS $$ SELECT t.sweep(p_at - now()) $$;
CREATE FUNCTION pg_temp.put(p_n int, p_schedule text) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.then_as('ann', format('put_schedule(p_session => %L, p_schedule => %L)', pg_temp.id(p_n), p_schedule))
$$;
-- The agent does what it was told; the state after it.
CREATE FUNCTION pg_temp.settle(p_n int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_state text := (SELECT x.state FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(p_n));
BEGIN
	IF v_state IN ('hibernating', 'waking', 'starting') THEN
		PERFORM t.run_command('agent-1', pg_temp.id(p_n), CASE v_state WHEN 'hibernating' THEN 'hibernated' ELSE 'running' END);
	END IF;
	RETURN (SELECT x.state FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(p_n));
END
$$;
-- run_command() calls as the server, for which the clock does not move: times are made those of the sweep.
CREATE FUNCTION pg_temp.now_at(p_n int) RETURNS void LANGUAGE sql AS $$
	UPDATE streamspace_data.session SET started_at = CASE WHEN started_at IS NOT NULL THEN streamspace_rules.now() END, check_at = streamspace_rules.now()
	 WHERE session_id = pg_temp.id(p_n)
$$;
CREATE FUNCTION pg_temp.state_at(p_n int, p_at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_state text;
BEGIN
	PERFORM pg_temp.at(p_at);
	v_state := pg_temp.settle(p_n);
	PERFORM pg_temp.now_at(p_n);
	RETURN v_state;
END
$$;

-- The moments themselves.
CREATE FUNCTION pg_temp.instant(p_zone text, p_local timestamp, p_first boolean) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT to_char(streamspace_rules.schedule_instant(p_zone, p_local, p_first) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
$$;
SELECT is(pg_temp.instant(z, l::timestamp, f), w, format('%s in %s%s', l, z, CASE WHEN f THEN ', to start' ELSE ', to stop' END)) FROM (VALUES
	('Europe/Berlin', '2027-01-15 09:00', true, '2027-01-15 08:00:00'), ('Europe/Berlin', '2027-07-15 09:00', true, '2027-07-15 07:00:00'),
	('America/New_York', '2027-01-15 09:00', true, '2027-01-15 14:00:00'), ('America/New_York', '2027-07-15 09:00', true, '2027-07-15 13:00:00'),
	-- spring: 02:30 does not exist, the clock jumps from 02:00 to 03:00
	('Europe/Berlin', '2027-03-28 01:59', true, '2027-03-28 00:59:00'), ('Europe/Berlin', '2027-03-28 02:00', true, '2027-03-28 01:00:00'),
	('Europe/Berlin', '2027-03-28 02:30', true, '2027-03-28 01:00:00'), ('Europe/Berlin', '2027-03-28 02:30', false, '2027-03-28 01:00:00'),
	('Europe/Berlin', '2027-03-28 03:00', true, '2027-03-28 01:00:00'), ('Europe/Berlin', '2027-03-28 03:01', true, '2027-03-28 01:01:00'),
	('America/New_York', '2027-03-14 01:59', true, '2027-03-14 06:59:00'), ('America/New_York', '2027-03-14 02:30', true, '2027-03-14 07:00:00'),
	('America/New_York', '2027-03-14 02:30', false, '2027-03-14 07:00:00'), ('America/New_York', '2027-03-14 03:00', true, '2027-03-14 07:00:00'),
	-- autumn: 02:30 comes twice in Berlin, 01:30 in New York
	('Europe/Berlin', '2027-10-31 01:59', true, '2027-10-30 23:59:00'), ('Europe/Berlin', '2027-10-31 02:00', true, '2027-10-31 00:00:00'),
	('Europe/Berlin', '2027-10-31 02:30', true, '2027-10-31 00:30:00'), ('Europe/Berlin', '2027-10-31 02:30', false, '2027-10-31 01:30:00'),
	('Europe/Berlin', '2027-10-31 03:00', true, '2027-10-31 02:00:00'), ('Europe/Berlin', '2027-10-31 03:00', false, '2027-10-31 02:00:00'),
	('America/New_York', '2027-11-07 01:30', true, '2027-11-07 05:30:00'), ('America/New_York', '2027-11-07 01:30', false, '2027-11-07 06:30:00'),
	('America/New_York', '2027-11-07 02:00', true, '2027-11-07 07:00:00'), ('America/New_York', '2027-11-07 02:00', false, '2027-11-07 07:00:00'),
	-- half an hour on Lord Howe, a day that Samoa left out, a zone without changes
	('Australia/Lord_Howe', '2027-10-03 02:15', true, '2027-10-02 15:30:00'), ('Australia/Lord_Howe', '2027-04-04 01:45', true, '2027-04-03 14:45:00'),
	('Australia/Lord_Howe', '2027-04-04 01:45', false, '2027-04-03 15:15:00'),
	('Pacific/Apia', '2011-12-30 12:00', true, '2011-12-30 10:00:00'), ('UTC', '2027-03-28 02:30', true, '2027-03-28 02:30:00')) AS x (z, l, f, w);
CREATE FUNCTION pg_temp.moments(p_zone text, p_days int[], p_start time, p_stop time, p_from timestamptz, p_to timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT string_agg(to_char(m.at AT TIME ZONE 'UTC', 'DD HH24:MI ') || m.action, ', ') FROM streamspace_rules.schedule_moments(p_zone, p_days, p_start, p_stop, p_from, p_to) AS m
$$;
SELECT is(pg_temp.moments('Europe/Berlin', '{1,2,3,4,5}', '09:00', '18:00', '2027-03-26 00:00Z', '2027-03-30 00:00Z'),
	'26 08:00 wake, 26 17:00 hibernate, 29 07:00 wake, 29 16:00 hibernate', 'over the weekend of the change the hours move with the clock');
SELECT is(pg_temp.moments('America/New_York', '{1,2,3,4,5}', '09:00', '18:00', '2027-11-05 00:00Z', '2027-11-09 00:00Z'),
	'05 13:00 wake, 05 22:00 hibernate, 08 14:00 wake, 08 23:00 hibernate', 'and back, in New York');
SELECT is(pg_temp.moments('Europe/Berlin', '{6}', '22:00', '02:30', '2027-03-27 00:00Z', '2027-03-29 00:00Z'), '27 21:00 wake, 28 01:00 hibernate',
	'a night that ends at a time that does not exist');
SELECT is(pg_temp.moments('Europe/Berlin', '{6}', '22:00', '02:30', '2027-10-30 00:00Z', '2027-11-01 00:00Z'), '30 20:00 wake, 31 01:30 hibernate',
	'a night that ends at a time that comes twice: at the second');
SELECT is(pg_temp.moments('Europe/Berlin', '{7}', '02:15', '02:45', '2027-03-28 00:00Z', '2027-03-29 00:00Z'), '28 01:00 wake, 28 01:00 hibernate',
	'hours that the clock jumps over are over as they begin');
SELECT is(pg_temp.moments('Europe/Berlin', '{7}', '02:15', '02:45', '2027-10-31 00:00Z', '2027-11-01 00:00Z'), '31 00:15 wake, 31 01:45 hibernate',
	'hours that come twice are once, from the first to the second');
SELECT is((SELECT count(*) FROM streamspace_rules.schedule_moments('Europe/Berlin', '{1,2,3,4,5,6,7}', '02:30', NULL, '2027-01-01 00:00Z', '2028-01-01 00:00Z')), 365::bigint,
	'every day of a year once');

-- What is refused.
INSERT INTO s VALUES (1, t.running('ann')), (2, t.running('ann'));
SELECT is((pg_temp.put(1, v)).code, 'invalid_argument', v) FROM unnest(ARRAY['{}', '[]', '{"time_zone": "Europe/Berlin", "days": [1]}',
	'{"time_zone": "Europe/Atlantis", "days": [1], "start": "09:00"}', '{"time_zone": "CET", "days": [1], "start": "09:00"}', '{"time_zone": "EST5EDT", "days": [1], "start": "09:00"}',
	'{"time_zone": "+01", "days": [1], "start": "09:00"}', '{"time_zone": "posix/Europe/Berlin", "days": [1], "start": "09:00"}', '{"time_zone": "europe/berlin", "days": [1], "start": "09:00"}',
	'{"time_zone": 1, "days": [1], "start": "09:00"}', '{"time_zone": "UTC", "days": [], "start": "09:00"}', '{"time_zone": "UTC", "days": [0], "start": "09:00"}',
	'{"time_zone": "UTC", "days": [8], "start": "09:00"}', '{"time_zone": "UTC", "days": [1, 1], "start": "09:00"}', '{"time_zone": "UTC", "days": ["1"], "start": "09:00"}',
	'{"time_zone": "UTC", "days": 1, "start": "09:00"}', '{"time_zone": "UTC", "days": [1], "start": "24:00"}', '{"time_zone": "UTC", "days": [1], "start": "9:00"}',
	'{"time_zone": "UTC", "days": [1], "start": "09:00", "stop": "09:00"}', '{"time_zone": "UTC", "days": [1], "start": "09:00", "enabled": "yes"}',
	'{"time_zone": "UTC", "days": [1], "start": "09:00", "color": "red"}']) AS v;
SELECT is((pg_temp.put(1, '{"time_zone": "Europe/Atlantis", "days": [1], "start": "09:00"}')).detail::jsonb ->> 'pointer', '/schedule/time_zone', 'an unknown zone is named');
SELECT is((t.then_as(w, format('put_schedule(p_session => %L, p_schedule => ''{"time_zone": "UTC", "days": [1], "start": "09:00"}'')', pg_temp.id(1)))).code, 'session_not_found',
	format('%s cannot', w)) FROM unnest(ARRAY['art', 'bob', 'bea']) AS w;
SELECT is((t.then_as('ann', format('get_schedule(p_session => %L)', pg_temp.id(1)))).code, 'schedule_not_found', 'there is none');
SELECT is((t.then_as('ann', format('delete_schedule(p_session => %L)', pg_temp.id(1)))).code, 'schedule_not_found', 'nor one to delete');

-- A week in Berlin. Monday is 2027-03-22; daylight saving begins on Sunday the 28th.
SELECT t.must_as('amy', 'put_policy(p_scope => ''org'', p_name => NULL, p_policy => ''{"warn_seconds": 600}'')');
SELECT pg_temp.state_at(1, '2027-03-22 12:00 Europe/Berlin');
SELECT is((pg_temp.put(1, '{"time_zone": "Europe/Berlin", "days": [5, 1, 2, 3, 4], "start": "09:00", "stop": "18:00"}')).value - 'set_at',
	jsonb_build_object('session', pg_temp.id(1), 'time_zone', 'Europe/Berlin', 'days', '[1, 2, 3, 4, 5]'::jsonb, 'start', '09:00', 'stop', '18:00', 'enabled', true,
	'set_by', 'user:red/ann', 'revision', 1), 'a schedule');
SELECT is(pg_temp.state_at(1, '2027-03-22 17:49:59 Europe/Berlin'), 'running', 'it runs in its hours');
SELECT is(t.outlook(pg_temp.id(1)) #>> '{next,rule}', 'schedule', 'its outlook names the schedule');
SELECT is(t.outlook(pg_temp.id(1)) #>> '{next,set_by}', 'user:red/ann', 'who set it');
SELECT is((t.outlook(pg_temp.id(1)) #>> '{next,at}')::timestamptz, '2027-03-22 18:00 Europe/Berlin'::timestamptz, 'and when');
SELECT is(pg_temp.at('2027-03-22 17:50 Europe/Berlin') ->> 'warned', '1', 'warned ten minutes before');
SELECT is(pg_temp.at('2027-03-22 17:59:59 Europe/Berlin') ->> 'hibernated', '0', 'not a second too early');
SELECT is(pg_temp.state_at(1, '2027-03-22 18:00 Europe/Berlin'), 'hibernated', 'at 18:00 it is hibernated');
SELECT is((SELECT x.reason FROM streamspace_data.session AS x WHERE x.session_id = pg_temp.id(1)), 'schedule', 'and says why');
SELECT is(pg_temp.state_at(1, '2027-03-23 08:59:59 Europe/Berlin'), 'hibernated', 'it sleeps until the morning');
SELECT is(pg_temp.state_at(1, '2027-03-23 09:00 Europe/Berlin'), 'running', 'at 09:00 it is woken');
SELECT is((SELECT e.actor FROM streamspace_data.session_event AS e WHERE e.session_id = pg_temp.id(1) AND e.event = 'wake'), 'rule:schedule', 'by the rule');

-- A person's own decision stands until the next moment.
SELECT pg_temp.at('2027-03-23 10:00 Europe/Berlin');
SELECT is((t.then_as('ann', format('hibernate_session(p_session => %L)', pg_temp.id(1)))).code, 'ok', 'she hibernates it in its hours');
SELECT is(pg_temp.state_at(1, '2027-03-23 10:01 Europe/Berlin'), 'hibernated', 'it is not woken against her');
SELECT is(pg_temp.state_at(1, '2027-03-23 17:00 Europe/Berlin'), 'hibernated', 'all day');
SELECT is(pg_temp.state_at(1, '2027-03-23 18:00 Europe/Berlin'), 'hibernated', 'at 18:00 there is nothing to do');
SELECT pg_temp.at('2027-03-23 20:00 Europe/Berlin');
SELECT is((t.then_as('ann', format('wake_session(p_session => %L)', pg_temp.id(1)))).code, 'ok', 'she wakes it in the evening');
SELECT is(pg_temp.state_at(1, '2027-03-23 20:01 Europe/Berlin'), 'running', 'it is not put to sleep against her');
SELECT is(pg_temp.state_at(1, '2027-03-24 03:00 Europe/Berlin'), 'running', 'all night');
SELECT is(pg_temp.state_at(1, '2027-03-24 09:00 Europe/Berlin'), 'running', 'at 09:00 there is nothing to do');
SELECT is(t.outlook(pg_temp.id(1)) #>> '{next,at}', to_json('2027-03-24 18:00 Europe/Berlin'::timestamptz) #>> '{}', 'the next moment counts again');
SELECT pg_temp.at('2027-03-24 17:55 Europe/Berlin');
SELECT is(pg_temp.state_at(1, '2027-03-24 18:00 Europe/Berlin'), 'hibernated', 'and does');
SELECT is(t.events(pg_temp.id(1), 'hibernate'), 3::bigint, 'three times in all: twice by the schedule, once by her');

-- Idleness within the hours is not undone by a start that is long over.
SELECT is(pg_temp.state_at(1, '2027-03-25 09:00 Europe/Berlin'), 'running', 'Thursday');
SELECT t.must_as('amy', format('put_session_policy(p_session => %L, p_policy => ''{"idle_seconds": 3600, "warn_seconds": 0}'')', pg_temp.id(1)));
SELECT is(pg_temp.state_at(1, '2027-03-25 11:00 Europe/Berlin'), 'hibernated', 'idle at eleven');
SELECT is(pg_temp.state_at(1, '2027-03-25 11:01 Europe/Berlin'), 'hibernated', 'and not woken at once');
SELECT t.must_as('amy', format('put_session_policy(p_session => %L, p_policy => ''{"idle_seconds": null, "warn_seconds": null}'')', pg_temp.id(1)));

-- Nobody swept for a while: of all that was due the last counts, once.
SELECT is(pg_temp.state_at(1, '2027-03-26 20:00 Europe/Berlin'), 'hibernated', 'Friday morning and evening were missed: it stays asleep');
SELECT is(t.events(pg_temp.id(1), 'wake'), 3::bigint, 'and was not woken for it');

-- Over the change: Monday the 29th, in summer time.
SELECT is(pg_temp.state_at(1, '2027-03-29 06:59:59Z'), 'hibernated', 'Monday 08:59:59, summer time');
SELECT is(pg_temp.state_at(1, '2027-03-29 07:00Z'), 'running', '09:00 is 07:00 UTC now');
SELECT is((pg_temp.put(1, '{"time_zone": "Europe/Berlin", "days": [1, 2, 3, 4, 5], "start": "09:00", "stop": "18:00", "enabled": false}')).value -> 'enabled', 'false'::jsonb, 'switched off');
SELECT is(pg_temp.state_at(1, '2027-03-29 20:00Z'), 'running', 'it does nothing');
SELECT is((pg_temp.put(1, '{"time_zone": "Europe/Berlin", "days": [1, 2, 3, 4, 5], "start": "09:00", "stop": "18:00"}')).value ->> 'revision', '3', 'on again');
SELECT is(pg_temp.state_at(1, '2027-03-29 20:01Z'), 'running', 'what was over before does not count');
SELECT is((t.then_as('ann', format('delete_schedule(p_session => %L, p_if_revision => 2)', pg_temp.id(1)))).code, 'revision_mismatch', 'deleted only as it was read');
SELECT is((t.then_as('ann', format('delete_schedule(p_session => %L, p_if_revision => 3)', pg_temp.id(1)))).code, 'ok', 'deleted');
SELECT is(pg_temp.state_at(1, '2027-03-30 20:00Z'), 'running', 'and gone');

-- New York, the night of the doubled hour: stop 01:30 is the second one, start 01:30 of another the first.
SELECT pg_temp.state_at(2, '2027-11-06 12:00 America/New_York');
SELECT is((pg_temp.put(2, '{"time_zone": "America/New_York", "days": [7], "stop": "01:30"}')).code, 'ok', 'every Sunday at 01:30');
SELECT pg_temp.at('2027-11-07 06:21Z');
SELECT is(pg_temp.state_at(2, '2027-11-07 06:29:59Z'), 'running', 'at the first 01:30 it still runs');
SELECT is(pg_temp.state_at(2, '2027-11-07 06:30Z'), 'hibernated', 'at the second it is hibernated');
SELECT is(pg_temp.state_at(2, '2027-11-13 12:00Z'), 'hibernated', 'a week it sleeps: nothing starts it');
SELECT is((pg_temp.put(2, '{"time_zone": "America/New_York", "days": [7], "start": "02:30"}')).code, 'ok', 'every Sunday at 02:30');
SELECT is(pg_temp.state_at(2, '2028-03-12 06:59:59Z'), 'running', 'which wakes it on some Sunday');
SELECT is((t.then_as('ann', format('hibernate_session(p_session => %L)', pg_temp.id(2)))).code, 'ok', 'she puts it to sleep again');
SELECT is(pg_temp.state_at(2, '2028-03-12 06:59:59Z'), 'hibernated', 'in the night in which 02:30 does not exist');
SELECT is(pg_temp.state_at(2, '2028-03-12 07:00Z'), 'running', 'it is woken when the clock jumps over it');

-- An extension goes before the schedule too.
SELECT is((pg_temp.put(2, '{"time_zone": "UTC", "days": [1, 2, 3, 4, 5, 6, 7], "stop": "18:00"}')).code, 'ok', 'a stop at 18:00');
SELECT is(pg_temp.at('2028-03-12 17:50Z') ->> 'warned', '1', 'warned');
SELECT is((t.then_as('ann', format('extend_session(p_session => %L, p_seconds => 7200)', pg_temp.id(2)))).value -> 'warning', 'null'::jsonb, 'two hours more withdraw the warning');
SELECT is(pg_temp.state_at(2, '2028-03-12 19:39Z'), 'running', 'it runs on');
SELECT is(pg_temp.at('2028-03-12 19:40Z') ->> 'warned', '1', 'is warned again');
SELECT is(pg_temp.state_at(2, '2028-03-12 19:50Z'), 'hibernated', 'and sleeps two hours after she asked');

-- Pages.
SELECT is((SELECT count(*) FROM jsonb_array_elements((t.then_as('ann', 'list_schedules()')).value -> 'items')), 1::bigint, 'her own schedules');
SELECT is((t.then_as('art', 'list_schedules()')).value, '{"items": [], "next_cursor": null}', 'another has none');
SELECT is((t.then_as('amy', 'list_schedules()')).value #>> '{items,0,session}', pg_temp.id(2), 'the administrator sees those of the organisation');
SELECT is((t.then_as('bea', 'list_schedules()')).value -> 'items', '[]', 'another one not');

SELECT * FROM finish();
ROLLBACK;
