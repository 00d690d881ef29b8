-- Who may call: no function runs for an actor that is missing, unknown, expired, revoked, inactive or of another
-- kind, and roles are those of now. Functions are enumerated from the catalogue, arguments are generated.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');

-- A call of this function with plausible arguments and this actor.
CREATE FUNCTION pg_temp.call_of(p_function oid, p_actor text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT format('SELECT pg_catalog.to_jsonb(f) FROM streamspace.%I(%s) AS f LIMIT 1', p.proname, string_agg(
		format('%I => %s', a.name, CASE
			WHEN a.name = 'p_actor' THEN p_actor
			ELSE CASE a.type::regtype::text
				WHEN 'text' THEN quote_literal('x-1')
				WHEN 'integer' THEN '1'
				WHEN 'bigint' THEN '1'
				WHEN 'boolean' THEN 'false'
				WHEN 'jsonb' THEN quote_literal('{}')
				WHEN 'bytea' THEN quote_literal(sha256('x'))
				WHEN 'timestamp with time zone' THEN quote_literal(now())
				ELSE 'NULL' END END), ', ' ORDER BY a.number))
	  FROM pg_proc AS p, unnest(p.proargnames[1 : p.pronargs], p.proargtypes::oid[]) WITH ORDINALITY AS a (name, type, number)
	 WHERE p.oid = p_function
	   AND (a.number <= p.pronargs - p.pronargdefaults OR a.name = 'p_actor')
	 GROUP BY p.proname
$$;

CREATE VIEW pg_temp.actor_function AS
	SELECT f.oid, f.name FROM t.api_function AS f
	 WHERE 'p_actor' = ANY (f.argument_names) AND has_function_privilege('streamspace_api', f.oid, 'EXECUTE');
SELECT cmp_ok((SELECT count(*) FROM pg_temp.actor_function), '>=', 20::bigint, 'there are functions that take an actor');

SELECT ok(t.code('api', pg_temp.call_of(f.oid, 'NULL')) IN ('actor_required', 'unauthorized'),
	format('%s without an actor: %s', f.name, t.code('api', pg_temp.call_of(f.oid, 'NULL'))))
  FROM pg_temp.actor_function AS f ORDER BY f.name;
SELECT is(t.code('api', pg_temp.call_of(f.oid, quote_literal(sha256('nobody''s token')))), 'unauthorized',
	format('%s with an unknown actor', f.name))
  FROM pg_temp.actor_function AS f ORDER BY f.name;
SELECT is(t.code('api', pg_temp.call_of(f.oid, quote_literal('\x00'::bytea))), 'unauthorized', format('%s with a short actor', f.name))
  FROM pg_temp.actor_function AS f ORDER BY f.name;

-- Functions without an actor: each is on the list of the system, but for those that open the door, and for the one
-- whose items name an actor each (tests/sql/event_stream.sql).
SELECT bag_eq($$SELECT f.name::text FROM t.api_function AS f WHERE NOT 'p_actor' = ANY (f.argument_names) AND NOT f.is_system$$,
	ARRAY['schema_version', 'check_schema', 'list_error_codes', 'read_event_batch'], 'a function without an actor is one of the system, or tells what is no secret');

-- Who is a DBA: a direct member of streamspace_dba that is no member of streamspace_api, in whatever way.
CREATE ROLE twofold LOGIN IN ROLE streamspace_api, streamspace_dba;
CREATE ROLE team IN ROLE streamspace_dba;
CREATE ROLE indirect LOGIN IN ROLE team;
CREATE ROLE servers IN ROLE streamspace_api;
CREATE ROLE sly LOGIN IN ROLE streamspace_dba, servers;
SELECT is(t.code('dba', 'SELECT streamspace.list_users(p_org => ''red'')'), 'ok', 'a DBA needs no actor');
SELECT is(t.code('twofold', 'SELECT streamspace.list_users(p_org => ''red'')'), 'actor_required', 'a member of both roles does');
SELECT is(t.code('indirect', 'SELECT streamspace.list_users(p_org => ''red'')'), 'actor_required', 'an indirect member does');
SELECT is(t.code('sly', 'SELECT streamspace.list_users(p_org => ''red'')'), 'actor_required', 'an indirect member of the server''s role does');
SELECT is(t.code(NULL, 'SELECT streamspace.list_users(p_org => ''red'')'), 'actor_required', 'a superuser does');
SET LOCAL ROLE dba;
SELECT is((SELECT (t.ask(NULL, 'SELECT streamspace.list_users(p_org => ''red'')')).code), 'actor_required',
	'SET ROLE makes nobody a DBA: the login counts');
RESET ROLE;
SELECT is(t.code('dba', format('SELECT streamspace.list_users(p_org => ''red'', p_actor => %L)', t.actor('ann'))), 'forbidden',
	'a DBA who names an actor is that actor');

-- Credentials of another kind, and what ends one.
CREATE FUNCTION pg_temp.me(p_actor bytea) RETURNS text LANGUAGE sql AS $$
	SELECT t.code('api', format('SELECT streamspace.get_me(p_actor => %L)', p_actor))
$$;
SELECT is(pg_temp.me(t.actor('ann')), 'ok', 'a log-in opens');
SELECT is(pg_temp.me(t.actor('agent-1')), 'unauthorized', 'an agent''s key is no log-in');
SELECT is(pg_temp.me(t.actor('bootstrap')), 'unauthorized', 'the bootstrap key is no log-in');
CREATE TEMP TABLE tok AS SELECT t.must('dba', 'SELECT streamspace.reset_password(p_user => ''art'', p_org => ''red'')')
	->> 'set_password_token' AS token;
GRANT SELECT ON tok TO PUBLIC;
SELECT is(pg_temp.me(sha256(convert_to((SELECT token FROM tok), 'UTF8'))), 'unauthorized', 'a set-password token is no log-in');
SELECT is(t.code('api', format('SELECT streamspace.connect_agent(p_agent => ''agent-1'', p_instance => ''i'', p_replica => ''r'',
	p_address => NULL, p_replace_epoch => NULL, p_actor => %L)', t.actor('ann'))), 'unauthorized', 'a log-in is no agent''s key');
SELECT is(t.code('api', format('SELECT streamspace.connect_agent(p_agent => ''agent-1'', p_instance => ''i'', p_replica => ''r'',
	p_address => NULL, p_replace_epoch => NULL, p_actor => %L)', t.actor('bootstrap'))), 'unauthorized',
	'the bootstrap key opens nothing but registration, not for an agent with its own key');

SELECT is(t.code_as('art', 'get_me()'), 'ok', 'before: art is logged in');
SELECT is(t.code('api', format('SELECT streamspace.set_password(p_token_hash => %L, p_password_hash => %L)',
	sha256(convert_to((SELECT token FROM tok), 'UTF8')), t.password_hash('new'))), 'ok', 'a new password');
SELECT is(t.code_as('art', 'get_me()'), 'unauthorized', 'ends the log-ins of before');
SELECT is(t.code('api', format('SELECT streamspace.set_password(p_token_hash => %L, p_password_hash => %L)',
	sha256(convert_to((SELECT token FROM tok), 'UTF8')), t.password_hash('new'))), 'token_invalid', 'the token works once');
SELECT is(t.code('api', format('SELECT streamspace.complete_login(p_org => ''red'', p_user => ''art'', p_verified_hash => %L,
	p_token_hash => %L, p_address => NULL)', t.password_hash('art'), sha256('another'))), 'invalid_credentials',
	'a log-in with the old hash is refused');
DELETE FROM streamspace_data.credential WHERE token_hash = t.actor('art');
SELECT t.login('red', 'art');
SELECT is(t.code_as('art', 'get_me()'), 'ok', 'the new one opens');
SELECT is(t.code_as('art', 'log_out()'), 'ok', 'log-out');
SELECT is(t.code_as('art', 'get_me()'), 'unauthorized', 'means out');

SELECT is(t.code_as('amy', 'list_users(p_org => ''red'')'), 'ok', 'before: amy administers red');
UPDATE streamspace_data.app_user SET role = 'user' WHERE name = 'amy';
SELECT is(t.code_as('amy', 'list_users(p_org => ''red'')'), 'forbidden', 'a demotion counts at once');
UPDATE streamspace_data.app_user SET active = false WHERE name = 'amy';
SELECT is(t.code_as('amy', 'get_me()'), 'unauthorized', 'and so does deactivation');
SELECT is(t.code('api', format('SELECT streamspace.complete_login(p_org => ''red'', p_user => ''amy'', p_verified_hash => %L,
	p_token_hash => %L, p_address => NULL)', t.password_hash('amy'), sha256('another'))), 'invalid_credentials',
	'who is inactive cannot log in');

-- Expiry, by moving the clock (a superuser may).
SELECT is(t.code(NULL, format('SELECT streamspace.get_me(p_actor => %L)', t.actor('ann'))), 'ok', 'before: ann is logged in');
SET LOCAL streamspace.clock_offset = '400 days';
SELECT is(t.code(NULL, format('SELECT streamspace.get_me(p_actor => %L)', t.actor('ann'))), 'unauthorized', 'a log-in expires');
SELECT is(pg_temp.me(t.actor('ann')), 'ok', 'a login of the server cannot move the clock');
RESET streamspace.clock_offset;

-- Log-in of unknown users looks like that of known ones.
SELECT matches(t.must('api', 'SELECT streamspace.login_challenge(p_org => ''red'', p_user => ''nobody'')') ->> 'password_hash', '^\$argon2id\$',
	'an unknown user has a hash to compare with');
SELECT is(t.code('api', format('SELECT streamspace.complete_login(p_org => ''red'', p_user => ''nobody'', p_verified_hash => %L,
	p_token_hash => %L, p_address => NULL)', t.must('api', 'SELECT streamspace.login_challenge(p_org => ''red'', p_user => ''nobody'')')
	->> 'password_hash', sha256('another'))), 'invalid_credentials', 'that opens nothing');
SELECT is(t.code('api', 'SELECT streamspace.complete_login(p_org => ''red'', p_user => ''ann'', p_verified_hash => NULL,
	p_token_hash => NULL, p_address => NULL)') IN ('invalid_credentials', 'invalid_argument'), true, 'nor does NULL');

-- What each role may. '+' works, 'forbidden' is refused; for another organisation nothing works.
SELECT t.make_user('eve', 'red'), t.make_user('ada', 'red', 'org_admin');
SELECT is(t.code_as(m.who, m.call), m.want, format('%s: %s', m.who, m.call)) FROM (VALUES
	('eve', 'create_user(p_name => ''x1'', p_org => NULL, p_role => ''user'', p_display_name => '''', p_max_sessions => NULL)', 'forbidden'),
	('ada', 'create_user(p_name => ''x1'', p_org => NULL, p_role => ''user'', p_display_name => '''', p_max_sessions => NULL)', 'ok'),
	('ada', 'create_user(p_name => ''x2'', p_org => NULL, p_role => ''platform_admin'', p_display_name => '''', p_max_sessions => NULL)', 'forbidden'),
	('ada', 'create_user(p_name => ''x3'', p_org => ''blue'', p_role => ''user'', p_display_name => '''', p_max_sessions => NULL)', 'forbidden'),
	('root', 'create_user(p_name => ''x4'', p_org => ''blue'', p_role => ''platform_admin'', p_display_name => '''', p_max_sessions => NULL)', 'ok'),
	('eve', 'list_users()', 'forbidden'), ('ada', 'list_users()', 'ok'), ('ada', 'list_users(p_org => ''blue'')', 'forbidden'),
	('eve', 'reset_password(p_user => ''ann'', p_org => NULL)', 'forbidden'),
	('ada', 'reset_password(p_user => ''eve'', p_org => NULL)', 'ok'),
	('ada', 'reset_password(p_user => ''bob'', p_org => ''blue'')', 'forbidden'),
	('ada', 'reset_password(p_user => ''bob'', p_org => NULL)', 'user_not_found'),
	('root', 'reset_password(p_user => ''bob'', p_org => ''blue'')', 'ok'),
	('eve', 'put_template(p_name => ''x'', p_spec => ''{"platforms": ["process"], "command": ["x"], "displayName": "X"}'')', 'forbidden'),
	('ada', 'put_template(p_name => ''x'', p_spec => ''{"platforms": ["process"], "command": ["x"], "displayName": "X"}'')', 'ok'),
	('ada', 'put_template(p_name => ''x'', p_spec => ''{"platforms": ["process"], "command": ["x"], "displayName": "X"}'', p_org => ''blue'')', 'forbidden'),
	('eve', 'list_templates()', 'ok'), ('eve', 'get_template(p_name => ''term'')', 'ok'),
	('eve', 'list_templates(p_org => ''blue'')', 'forbidden'),
	('eve', 'create_session(p_template => ''term'')', 'ok'),
	('eve', 'create_session(p_template => ''term'', p_owner => ''ann'')', 'forbidden'),
	('ada', 'create_session(p_template => ''term'', p_owner => ''ann'')', 'ok'),
	('ada', 'create_session(p_template => ''term'', p_owner => ''bob'', p_org => ''blue'')', 'forbidden'),
	('ada', 'create_session(p_template => ''term'', p_owner => ''bob'')', 'user_not_found'),
	('root', 'create_session(p_template => ''term'', p_owner => ''bob'', p_org => ''blue'')', 'ok'),
	('eve', 'put_org(p_name => ''x'', p_display_name => '''', p_max_sessions => 1, p_max_sessions_per_user => 1)', 'forbidden'),
	('ada', 'put_org(p_name => ''red'', p_display_name => '''', p_max_sessions => 1, p_max_sessions_per_user => 1)', 'forbidden'),
	('root', 'put_org(p_name => ''x'', p_display_name => '''', p_max_sessions => 1, p_max_sessions_per_user => 1)', 'ok'),
	('eve', 'list_orgs()', 'forbidden'), ('ada', 'list_orgs()', 'forbidden'), ('root', 'list_orgs()', 'ok'),
	('eve', 'approve_agent(p_agent => ''agent-1'', p_key_prefix => NULL)', 'forbidden'),
	('ada', 'approve_agent(p_agent => ''agent-1'', p_key_prefix => NULL)', 'forbidden'),
	('ada', 'reject_agent(p_agent => ''agent-1'', p_reason => ''x'')', 'forbidden'),
	('root', 'reject_agent(p_agent => ''agent-1'', p_reason => ''x'')', 'ok'),
	('ada', format('set_bootstrap_key(p_key_hash => %L)', sha256('k')), 'forbidden'),
	('root', format('set_bootstrap_key(p_key_hash => %L)', sha256('k')), 'ok'),
	('eve', 'list_agents()', 'ok')) AS m (who, call, want);

-- Everybody sees that there are agents, administrators of the platform see the rest.
SELECT set_eq(format('SELECT jsonb_object_keys(t.must_as(%L, ''list_agents()'') #> ''{items,0}'')', 'eve'),
	ARRAY['id', 'platform', 'state'], 'a user sees name, platform and state of an agent');
SELECT set_has(format('SELECT jsonb_object_keys(t.must_as(%L, ''list_agents()'') #> ''{items,0}'')', 'root'),
	$$VALUES ('approval'), ('key_prefix'), ('max_sessions'), ('active_sessions'), ('last_heartbeat_at')$$, 'a platform administrator sees all');

SELECT * FROM finish();
ROLLBACK;
