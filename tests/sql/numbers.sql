-- JSON does not tell 1800.0 from 1800: a whole number is one however it is written, and a fraction is refused, not cut.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE s AS SELECT t.running('ann') AS id;

SELECT is(t.must_as('amy', 'put_policy(p_scope => ''org'', p_name => NULL, p_policy => ''{"idle_seconds": 1800.0, "max_seconds": 3.6e3, "warn_seconds": 60.0}'')') ->> 'idle_seconds',
	'1800', 'seconds of a policy');
SELECT is(t.code_as('amy', 'put_policy(p_scope => ''org'', p_name => NULL, p_policy => ''{"idle_seconds": 1800.5}'')'), 'invalid_argument', 'half a second of a policy');
SELECT is(t.must_as('ann', format('put_schedule(p_session => %L, p_schedule => %L)', s.id,
	'{"time_zone": "Europe/Berlin", "days": [1.0, 5], "start": "08:00", "stop": "18:00"}')) #>> '{days,0}', '1', 'days of a schedule') FROM s;
SELECT is(t.code_as('ann', format('put_schedule(p_session => %L, p_schedule => %L)', s.id,
	'{"time_zone": "Europe/Berlin", "days": [1.5], "start": "08:00", "stop": "18:00"}')), 'invalid_argument', 'half a day of a schedule') FROM s;
SELECT is(t.code_as('amy', 'put_template(p_name => ''counted'', p_spec => ''{"displayName": "x", "platforms": ["process"], "command": ["xterm"],
	"retry": {"attempts": 2.0, "backoffSeconds": 10.0, "maxBackoffSeconds": 60.0},
	"parameters": [{"name": "depth", "type": "integer", "label": "d", "min": 1.0, "max": 4.0, "default": 2.0}]}'')'), 'ok', 'numbers of a template');
SELECT is(t.code_as('amy', 'create_session(p_template => ''counted'', p_owner => ''ann'', p_parameters => ''{"depth": 3.0}'', p_resources => ''{"millicores": 500.0}'')'),
	'ok', 'numbers of a session');
SELECT * FROM finish();
ROLLBACK;
