-- Users: who may change whom, what counts at the next call, and that nobody gets a role or an account by a detour.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_user('ops', 'red', 'operator'), t.make_user('aud', 'red', 'auditor');
CREATE FUNCTION pg_temp.user(p_name text, p_org text DEFAULT 'red') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.must('dba', format('SELECT streamspace.get_user(p_user => %L, p_org => %L)', p_name, p_org))
$$;

-- Get and change.
SELECT is(pg_temp.user('ann') - '{created_at,updated_at,limits,usage}'::text[],
	'{"name": "ann", "org": "red", "role": "user", "display_name": "Ann", "active": true, "password_set": true, "revision": 2}', 'a user');
SELECT is(t.must_as('amy', 'update_user(p_user => ''ann'', p_display_name => ''Ann B'', p_if_revision => 2)') ->> 'display_name', 'Ann B', 'another name');
SELECT is(pg_temp.user('ann') ->> 'role', 'user', 'what is NULL stays');
SELECT is(t.code_as('amy', 'update_user(p_user => ''ann'', p_role => ''auditor'', p_if_revision => 2)'), 'revision_mismatch', 'an older revision');
SELECT is(pg_temp.user('ann') ->> 'role', 'user', 'changes nothing');
SELECT is(t.code_as('amy', format('update_user(p_user => ''ann'', p_role => %L)', r.role)), 'invalid_argument', format('no role: %L', r.role))
  FROM (VALUES (''), ('admin'), ('Platform_admin'), ('platform_admin '), ('dba')) AS r (role);
SELECT is(t.code_as('amy', format('update_user(p_user => ''ann'', p_display_name => %L)', repeat('x', 201))), 'invalid_argument', 'too long a name');
SELECT is(t.code_as('amy', 'update_user(p_user => NULL, p_active => false)'), 'invalid_argument', 'user NULL');
SELECT is(t.code_as('amy', 'update_user(p_user => ''nobody'', p_active => false)'), 'user_not_found', 'nobody');
SELECT is(t.code_as('amy', 'update_user(p_user => ''bob'', p_active => false)'), 'user_not_found', 'a user of another organisation is nobody');
SELECT is(t.code_as('amy', 'update_user(p_user => ''bob'', p_active => false, p_org => ''blue'')'), 'forbidden', 'named or not');
SELECT is(pg_temp.user('bob', 'blue') ->> 'active', 'true', 'and nothing happens to him');

-- Who may.
SELECT is(t.code_as(w.who, 'update_user(p_user => ''art'', p_display_name => ''A'')'), CASE WHEN w.who IN ('amy') THEN 'ok' ELSE 'forbidden' END,
	format('%s changes a user', w.who)) FROM (VALUES ('amy'), ('ops'), ('aud'), ('ann')) AS w (who);
SELECT is(t.code_as(w.who, 'get_user(p_user => ''art'')'), w.want, format('%s looks at art', w.who))
  FROM (VALUES ('amy', 'ok'), ('ops', 'ok'), ('aud', 'ok'), ('art', 'ok'), ('ann', 'user_not_found'), ('bea', 'user_not_found')) AS w (who, want);
SELECT is(t.code_as('ann', 'get_user(p_user => NULL)'), 'invalid_argument', 'nobody in particular');

-- Lists with filters.
SELECT is(jsonb_path_query_array(t.must_as('amy', format('list_users(%s)', f.filter)), '$.items[*].name'), f.want::jsonb, format('list_users(%s)', f.filter))
  FROM (VALUES ('', '["amy", "ann", "art", "aud", "ops"]'), ('p_role => ''user''', '["ann", "art"]'), ('p_role => ''org_admin''', '["amy"]'),
               ('p_active => false', '[]'), ('p_active => true, p_limit => 2', '["amy", "ann"]'),
               ('p_role => ''user'', p_active => true, p_limit => 1', '["ann"]')) AS f (filter, want);
SELECT is(t.code_as('amy', 'list_users(p_role => ''nobody'')'), 'invalid_argument', 'an unknown role');
SELECT is(jsonb_path_query_array(t.must_as('amy', format('list_users(p_role => ''user'', p_cursor => %L)',
	t.must_as('amy', 'list_users(p_role => ''user'', p_limit => 1)') ->> 'next_cursor')), '$.items[*].name'), '["art"]', 'pages keep the filter');

-- A role counts at the next call, in both directions.
SELECT is(t.code_as('art', 'list_users()'), 'forbidden', 'a user');
SELECT t.must_as('amy', 'update_user(p_user => ''art'', p_role => ''org_admin'')');
SELECT is(t.code_as('art', 'update_user(p_user => ''ann'', p_display_name => ''by art'')'), 'ok', 'promoted: at once, with the same log-in');
SELECT t.must_as('amy', 'update_user(p_user => ''art'', p_role => ''operator'')');
SELECT is(t.code_as('art', 'update_user(p_user => ''ann'', p_display_name => ''by art'')'), 'forbidden', 'demoted: at once');
SELECT t.must_as('amy', 'update_user(p_user => ''art'', p_role => ''user'')');

-- A deactivation ends everything that opens, for good.
CREATE TEMP TABLE opened AS SELECT t.must_as('art', 'create_api_key(p_name => ''k'', p_scopes => ''{read}'')') ->> 'secret' AS key,
	t.must_as('amy', 'reset_password(p_user => ''art'')') ->> 'set_password_token' AS token;
CREATE FUNCTION pg_temp.opens() RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', t.code_as('art', 'get_me()'),
		t.code('api', format('SELECT streamspace.get_me(p_actor => %L)', sha256(convert_to(o.key, 'UTF8')))),
		t.code('api', format('SELECT streamspace.check_password_token(p_token_hash => %L)', sha256(convert_to(o.token, 'UTF8')))))
	FROM opened AS o
$$;
SELECT is(pg_temp.opens(), 'ok ok ok', 'log-in, key and one-time token of an active user');
SELECT is(t.must_as('amy', 'update_user(p_user => ''art'', p_active => false)') ->> 'active', 'false', 'deactivated');
SELECT is(pg_temp.opens(), 'unauthorized unauthorized token_invalid', 'nothing opens any more');
SELECT is(t.code('api', format('SELECT streamspace.set_password(p_token_hash => %L, p_password_hash => %L)', sha256(convert_to(o.token, 'UTF8')),
	t.password_hash('new'))), 'token_invalid', 'no password is set') FROM opened AS o;
SELECT is(t.code('api', format('SELECT streamspace.complete_login(p_org => ''red'', p_user => ''art'', p_verified_hash => %L, p_token_hash => %L)',
	t.password_hash('art'), sha256('x'))), 'invalid_credentials', 'no log-in, even with the right password');
SELECT isnt((SELECT t.must('api', 'SELECT streamspace.login_challenge(p_org => ''red'', p_user => ''art'')') ->> 'password_hash'),
	t.password_hash('art'), 'whose hash is not told');
SELECT is(jsonb_path_query_array(t.must_as('amy', 'list_users(p_active => false)'), '$.items[*].name'), '["art"]', 'he is listed');
SELECT is(t.must_as('amy', 'update_user(p_user => ''art'', p_active => true)') ->> 'active', 'true', 'active again');
SELECT is(pg_temp.opens(), 'unauthorized unauthorized token_invalid', 'what ended does not come back');
SELECT t.login('red', 'art', 'art-again');
SELECT is(t.code('api', format('SELECT streamspace.get_me(p_actor => %L)', t.actor('art-again'))), 'ok', 'but he can log in');

-- The flag alone does, whatever is left to open (here a DBA's hand took the function's place).
SELECT t.must_as('amy', 'reset_password(p_user => ''art'')') ->> 'set_password_token' AS art_token \gset
UPDATE streamspace_data.app_user SET active = false WHERE name = 'art';
SELECT is(t.code('api', format('SELECT streamspace.get_me(p_actor => %L)', t.actor('art-again'))), 'unauthorized', 'an inactive user has no open log-in');
SELECT is(t.code('api', format('SELECT streamspace.check_password_token(p_token_hash => %L)', sha256(convert_to(:'art_token', 'UTF8')))), 'token_invalid', 'no one-time token,');
SELECT is(t.code('api', format('SELECT streamspace.set_password(p_token_hash => %L, p_password_hash => %L)', sha256(convert_to(:'art_token', 'UTF8')),
	t.password_hash('x'))), 'token_invalid', 'and sets no password');
UPDATE streamspace_data.app_user SET active = true WHERE name = 'art';

-- The way up ends below the platform.
SELECT is(t.code_as('amy', c.call), 'forbidden', format('an administrator of an organisation: %s', c.call)) FROM (VALUES
	('update_user(p_user => ''amy'', p_role => ''platform_admin'')'), ('update_user(p_user => ''ann'', p_role => ''platform_admin'')'),
	('create_user(p_name => ''evil'', p_role => ''platform_admin'')'), ('update_user(p_user => ''ann'', p_role => ''platform_admin'', p_dry_run => true)')) AS c (call);
SELECT is_empty($$SELECT u.name FROM streamspace_data.app_user AS u WHERE u.role = 'platform_admin' AND u.name <> 'root'$$, 'nobody got it');
-- A platform administrator may have his account in an organisation with administrators of its own.
SELECT t.make_user('pam', 'red', 'platform_admin');
SELECT t.must('api', format('SELECT streamspace.create_api_key(p_name => ''pam'', p_scopes => ''{admin}'', p_actor => %L)', t.actor('pam')))
	#>> '{api_key,id}' AS pam_key, t.login_id('pam') AS pam_login \gset
SELECT is(t.code_as('amy', c.call), 'forbidden', format('his account is not theirs: %s', c.call)) FROM (VALUES
	('update_user(p_user => ''pam'', p_active => false)'), ('update_user(p_user => ''pam'', p_role => ''user'')'),
	('update_user(p_user => ''pam'', p_display_name => ''Pam'')'), ('reset_password(p_user => ''pam'')'), ('reset_password(p_user => ''pam'', p_dry_run => true)'),
	(format('revoke_login(p_login => %L)', :'pam_login')), (format('revoke_api_key(p_key => %L)', :'pam_key'))) AS c (call);
SELECT is(t.code_as('pam', 'list_orgs()'), 'ok', 'he goes on');
SELECT is(t.code_as('root', 'update_user(p_user => ''pam'', p_display_name => ''Pam'', p_org => ''red'')'), 'ok', 'his like may');

-- A one-time token that was made for a user must not open the administrator that he becomes.
SELECT t.must_as('amy', 'reset_password(p_user => ''ann'')') ->> 'set_password_token' AS token \gset
SELECT t.must_as('root', 'update_user(p_user => ''ann'', p_role => ''platform_admin'', p_org => ''red'')');
SELECT is(t.code('api', format('SELECT streamspace.set_password(p_token_hash => %L, p_password_hash => %L)', sha256(convert_to(:'token', 'UTF8')),
	t.password_hash('evil'))), 'token_invalid', 'a promotion ends one-time tokens');
SELECT t.must_as('root', 'update_user(p_user => ''ann'', p_role => ''user'', p_org => ''red'')');
SELECT t.must_as('root', 'update_user(p_user => ''pam'', p_role => ''user'', p_org => ''red'')');
SELECT is(t.code_as('pam', 'list_orgs()'), 'forbidden', 'a demoted platform administrator');

-- The last one stays.
SELECT is(t.code_as('root', c.call), 'last_administrator', c.call) FROM (VALUES
	('update_user(p_user => ''root'', p_role => ''org_admin'')'), ('update_user(p_user => ''root'', p_active => false)'),
	('update_user(p_user => ''root'', p_active => false, p_dry_run => true)')) AS c (call);
SELECT is(t.code('dba', 'SELECT streamspace.update_user(p_user => ''root'', p_active => false)'), 'last_administrator', 'not even a DBA takes him away');
SELECT is(t.code_as('root', 'update_user(p_user => ''root'', p_display_name => ''Root'')'), 'ok', 'other changes are free');
SELECT is(t.code_as('root', 'update_user(p_user => ''root'', p_active => true, p_role => ''platform_admin'')'), 'ok', 'and what changes nothing');
SELECT t.must_as('root', 'update_user(p_user => ''art'', p_role => ''platform_admin'', p_org => ''red'')');
SELECT t.must_as('root', 'update_user(p_user => ''art'', p_active => false, p_org => ''red'')');
SELECT is(t.code_as('root', 'update_user(p_user => ''root'', p_active => false)'), 'last_administrator', 'an inactive second one does not count');
SELECT t.must_as('root', 'update_user(p_user => ''art'', p_active => true, p_org => ''red'')');
SELECT is(t.code_as('root', 'update_user(p_user => ''root'', p_role => ''user'')'), 'ok', 'with an active second one he may go');
SELECT is(t.code_as('root', 'list_orgs()'), 'forbidden', 'and is gone at the next call');

-- Passwords: one-time tokens.
SELECT (pg_temp.user('ann') ->> 'revision')::bigint AS revision \gset
SELECT is((t.as('amy', format('reset_password(p_user => ''ann'', p_if_revision => %s)', :revision - 1))).detail::jsonb,
	jsonb_build_object('revision', :revision), 'an older revision of the user: the refusal says what is there');
SELECT is(t.code_as('amy', format('reset_password(p_user => ''ann'', p_if_revision => %s)', :revision - 1)), 'revision_mismatch', 'and makes no token');
SELECT is((t.must_as('amy', format('reset_password(p_user => ''ann'', p_if_revision => %s)', :revision)) #>> '{user,revision}')::bigint,
	:revision + 1::bigint, 'as he was read: a token, which counts');
SELECT t.must_as('amy', 'reset_password(p_user => ''ann'')') ->> 'set_password_token' AS first \gset
SELECT t.must_as('amy', 'reset_password(p_user => ''ann'')') ->> 'set_password_token' AS second \gset
CREATE FUNCTION pg_temp.set_password(p_token text, p_hash text) RETURNS text LANGUAGE sql AS $$
	SELECT t.code('api', format('SELECT streamspace.set_password(p_token_hash => %L, p_password_hash => %L)', sha256(convert_to(p_token, 'UTF8')), p_hash))
$$;
SELECT is(pg_temp.set_password(:'first', t.password_hash('x')), 'token_invalid', 'a newer token ends the older one');
SELECT is(pg_temp.set_password(:'second', 'plain text'), 'invalid_argument', 'no hash of argon2id');
SELECT is(pg_temp.set_password(:'second', NULL), 'invalid_argument', 'none at all');
SELECT is(pg_temp.set_password(:'second', t.password_hash('x')), 'ok', 'the token sets a password');
SELECT is(pg_temp.set_password(:'second', t.password_hash('y')), 'token_invalid', 'once');
SELECT is(t.code_as('ann', 'get_me()'), 'unauthorized', 'log-ins of before ended');
SELECT t.must_as('amy', 'reset_password(p_user => ''ann'')') ->> 'set_password_token' AS third \gset
SET LOCAL streamspace.clock_offset = '3 days 1 second';
SELECT is(t.code(NULL, format('SELECT streamspace.check_password_token(p_token_hash => %L)', sha256(convert_to(:'third', 'UTF8')))), 'token_invalid', 'good for 3 days');
SELECT is(t.code(NULL, format('SELECT streamspace.set_password(p_token_hash => %L, p_password_hash => %L)', sha256(convert_to(:'third', 'UTF8')),
	t.password_hash('x'))), 'token_invalid', 'and then for nothing');
RESET streamspace.clock_offset;

-- Organisations.
SELECT is(t.must_as('amy', 'get_org(p_name => ''red'')') ->> 'display_name', 'Red', 'an administrator sees his organisation');
SELECT is(t.code_as('amy', 'get_org(p_name => ''blue'')'), 'forbidden', 'no other');
SELECT is(t.code_as('ann', 'get_org(p_name => ''red'')'), 'unauthorized', 'the log-in ended');
SELECT is(t.code('dba', 'SELECT streamspace.get_org(p_name => ''none'')'), 'org_not_found', 'none of that name');
SELECT is(t.code('dba', 'SELECT streamspace.get_org(p_name => NULL)'), 'invalid_argument', 'nor without one');
SELECT is(t.code('dba', 'SELECT streamspace.put_org(p_name => ''red'', p_if_revision => 99)'), 'revision_mismatch', 'an organisation has revisions');
SELECT is(t.code('dba', 'SELECT streamspace.put_org(p_name => ''grey'', p_if_revision => 1)'), 'revision_mismatch', 'one that is not there has none');
SELECT is(t.code('dba', 'SELECT streamspace.get_org(p_name => ''grey'')'), 'org_not_found', 'and is not made by the way');
SELECT is((t.must('dba', 'SELECT streamspace.put_org(p_name => ''grey'')') ->> 'revision')::int, 1, 'a new one begins with 1');
SELECT is((t.must('dba', 'SELECT streamspace.put_org(p_name => ''grey'', p_display_name => ''G'', p_if_revision => 1)') ->> 'revision')::int, 2, 'and counts');

SELECT * FROM finish();
ROLLBACK;
