-- API keys: what they open, what they never open, and that they are worth no more than their user is at each call.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');
SELECT t.make_user('ops', 'red', 'operator'), t.make_user('aud', 'red', 'auditor');
-- Keys of this test by name; a call with one.
CREATE TABLE key (name text PRIMARY KEY, id text, secret text);
GRANT SELECT ON key TO PUBLIC;
CREATE FUNCTION pg_temp.key(p_user text, p_name text, p_scopes text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO key SELECT p_name, x #>> '{api_key,id}', x ->> 'secret'
	  FROM t.must_as(p_user, format('create_api_key(p_name => %L, p_scopes => %L)', p_name, p_scopes)) AS x
$$;
CREATE FUNCTION pg_temp.actor(p_key text) RETURNS bytea LANGUAGE sql AS $$ SELECT sha256(convert_to(k.secret, 'UTF8')) FROM key AS k WHERE k.name = p_key $$;
CREATE FUNCTION pg_temp.with_key(p_key text, p_call text) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.ask('api', format('SELECT streamspace.%s%sp_actor => %L)', left(p_call, -1), CASE WHEN p_call ~ '\(\)$' THEN '' ELSE ', ' END, pg_temp.actor(p_key)))
$$;
CREATE FUNCTION pg_temp.code(p_key text, p_call text) RETURNS text LANGUAGE sql AS $$ SELECT (pg_temp.with_key(p_key, p_call)).code $$;

-- What is made, and what is kept of it.
SELECT t.must_as('ann', 'create_api_key(p_name => ''CI'', p_scopes => ''{sessions,read,read}'')') AS made \gset
SELECT is((:'made'::jsonb -> 'api_key') - ARRAY['id', 'created_at', 'expires_at', 'prefix'],
	'{"org": "red", "user": "ann", "name": "CI", "scopes": ["read", "sessions"], "last_used_at": null, "revision": 1}', 'a key');
SELECT matches(:'made'::jsonb ->> 'secret', '^[0-9a-f]{64}$', 'its secret, once');
SELECT is(:'made'::jsonb #>> '{api_key,prefix}', left(:'made'::jsonb ->> 'secret', 8), 'people know it by its first digits');
SELECT is(date_trunc('minute', (:'made'::jsonb #>> '{api_key,expires_at}')::timestamptz), date_trunc('minute', now() + interval '90 days'), 'for 90 days');
SELECT is((SELECT count(*) FROM streamspace_data.credential AS c WHERE c.token_hash = sha256(convert_to(:'made'::jsonb ->> 'secret', 'UTF8'))), 1::bigint, 'stored hashed');
SELECT is((SELECT count(*) FROM streamspace_data.credential AS c WHERE c::text ~ (:'made'::jsonb ->> 'secret')), 0::bigint, 'not in the clear');
SELECT is((SELECT l.arguments FROM streamspace_data.audit_log AS l WHERE l.function = 'create_api_key') ->> 'name', 'CI', 'the audit says which');
SELECT is(t.must_as('ann', 'list_api_keys()')::text ~ (:'made'::jsonb ->> 'secret'), false, 'no list shows it');
SELECT is(t.code_as('ann', c.call), 'invalid_argument', c.call) FROM (VALUES
	('create_api_key(p_name => NULL, p_scopes => ''{read}'')'), ('create_api_key(p_name => '''', p_scopes => ''{read}'')'),
	(format('create_api_key(p_name => %L, p_scopes => ''{read}'')', repeat('x', 101))), (format('create_api_key(p_name => %L, p_scopes => ''{read}'')', E'a\nb')),
	('create_api_key(p_name => ''k'', p_scopes => NULL)'), ('create_api_key(p_name => ''k'', p_scopes => ''{}'')'),
	('create_api_key(p_name => ''k'', p_scopes => ''{read,NULL}'')'), ('create_api_key(p_name => ''k'', p_scopes => ''{account}'')'),
	('create_api_key(p_name => ''k'', p_scopes => ''{Read}'')'), ('create_api_key(p_name => ''k'', p_scopes => ''{{read,read},{read,all}}'')'),
	('create_api_key(p_name => ''k'', p_scopes => ''{read,read,read,read,read,read,read,read,read,read,read}'')'),
	('create_api_key(p_name => ''k'', p_scopes => ''{read}'', p_expires_at => ''2001-01-01'')'), ('create_api_key(p_name => ''k'', p_scopes => ''{read}'', p_expires_at => now())'),
	('create_api_key(p_name => ''k'', p_scopes => ''{read}'', p_expires_at => ''infinity'')'), ('create_api_key(p_name => ''k'', p_scopes => ''{read}'', p_expires_at => ''-infinity'')'),
	('create_api_key(p_name => ''k'', p_scopes => ''{read}'', p_expires_at => now() + interval ''366 days'')')) AS c (call);
SELECT is(t.code_as('ann', 'create_api_key(p_name => ''k'', p_scopes => ''{read}'', p_expires_at => now() + interval ''365 days'')'), 'ok', 'a year is the most');
SELECT is(t.code('dba', 'SELECT streamspace.create_api_key(p_name => ''k'', p_scopes => ''{read}'')'), 'actor_required', 'a DBA has no account, so no key');

-- Scopes: none includes another, and accounts are opened by log-ins alone.
SELECT pg_temp.key('ann', 'read', '{read}'), pg_temp.key('ann', 'sessions', '{sessions}'), pg_temp.key('amy', 'admin', '{admin}'),
	pg_temp.key('amy', 'all', '{read,sessions,admin}'), pg_temp.key('root', 'root', '{read,sessions,admin}');
SELECT is(pg_temp.code(k.key, k.call), k.want, format('%s key: %s', k.key, k.call)) FROM (VALUES
	('read', 'get_me()', 'ok'), ('read', 'list_sessions()', 'ok'), ('read', 'create_session(p_template => ''term'')', 'scope_required'),
	('sessions', 'create_session(p_template => ''term'')', 'ok'), ('sessions', 'list_sessions()', 'scope_required'),
	('sessions', 'create_user(p_name => ''x'')', 'forbidden'),
	('admin', 'create_user(p_name => ''made-by-key'')', 'ok'), ('admin', 'list_users()', 'scope_required'), ('admin', 'create_session(p_template => ''term'')', 'scope_required'),
	('all', 'list_users()', 'ok'), ('all', 'create_session(p_template => ''term'')', 'ok'), ('all', 'list_orgs()', 'forbidden'),
	('all', 'list_users(p_org => ''blue'')', 'forbidden'), ('root', 'list_users(p_org => ''blue'')', 'ok'), ('root', 'put_settings(p_settings => ''{}'')', 'ok')) AS k (key, call, want);
SELECT is((pg_temp.with_key('read', 'create_session(p_template => ''term'')')).detail::jsonb, '{"function": "create_session", "scope": "sessions"}', 'the scope that lacks is named');
SELECT is(pg_temp.code('root', f.call), 'scope_required', format('no key opens %s', f.call)) FROM (VALUES
	('log_out()'), ('list_logins()'), ('revoke_login(p_login => ''l-1'')'), ('create_api_key(p_name => ''k'', p_scopes => ''{read}'')'), ('list_api_keys()'),
	('revoke_api_key(p_key => ''k-1'')'), ('password_challenge()'), ('change_password(p_verified_hash => ''x'', p_password_hash => ''y'')')) AS f (call);
SELECT set_eq($$SELECT p.function::text FROM streamspace_data.permission AS p WHERE p.scope = 'account'$$,
	ARRAY['log_out', 'list_logins', 'revoke_login', 'create_api_key', 'list_api_keys', 'revoke_api_key', 'password_challenge', 'change_password'],
	'these are all that take a log-in');
SELECT is((pg_temp.with_key('read', 'get_me()')).value -> 'credential' ->> 'id', (SELECT k.id FROM key AS k WHERE k.name = 'read'), 'a key knows itself');
SELECT is((SELECT l.actor FROM streamspace_data.audit_log AS l WHERE l.object_id = 'made-by-key'), 'key:red/amy/' || k.id, 'the audit names the key')
  FROM key AS k WHERE k.name = 'admin';

-- No key waits for a promotion: a scope in which the role may call nothing is refused.
SELECT is(t.code_as(w.who, format('create_api_key(p_name => ''k'', p_scopes => %L)', w.scopes)), w.want, format('%s asks for %s', w.who, w.scopes))
  FROM (VALUES ('ann', '{admin}', 'forbidden'), ('ann', '{read,admin}', 'forbidden'), ('ops', '{admin}', 'forbidden'), ('ops', '{read,sessions}', 'ok'),
	('amy', '{admin}', 'ok'), ('aud', '{read}', 'forbidden')) AS w (who, scopes, want);
-- What it was good for, the role of now decides.
SELECT t.must_as('root', 'update_user(p_user => ''amy'', p_role => ''user'', p_org => ''red'')');
SELECT is(pg_temp.code('admin', 'create_user(p_name => ''late'')'), 'forbidden', 'a demotion counts at the next call of a key');
SELECT t.must_as('root', 'update_user(p_user => ''amy'', p_role => ''org_admin'', p_org => ''red'')');
SELECT is(pg_temp.code('admin', 'create_user(p_name => ''late'')'), 'ok', 'a promotion, too');

-- An idempotency key belongs to the key that came with it.
SELECT is(t.must_as('ann', 'create_session(p_template => ''term'', p_request_id => ''r'')') ->> 'id' <>
	(pg_temp.with_key('sessions', 'create_session(p_template => ''term'', p_request_id => ''r'')')).value ->> 'id', true, 'the log-in and the key are two actors');

-- Lists and ends.
SELECT is((SELECT count(*) FROM jsonb_path_query(t.must_as('ann', 'list_api_keys()'), '$.items[*].user ? (@ <> "ann")')), 0::bigint, 'a user sees his own');
SELECT is(t.code_as('ann', 'list_api_keys(p_user => ''amy'')'), 'forbidden', 'no other');
SELECT is(jsonb_path_exists(t.must_as('aud', 'list_api_keys()'), '$.items[*] ? (@.user == "ann")'), true, 'an auditor sees those of the organisation');
SELECT is(jsonb_path_exists(t.must_as('bea', 'list_api_keys()'), '$.items[*]'), false, 'of his');
SELECT is(t.code_as(w.who, format('revoke_api_key(p_key => %L)', (SELECT k.id FROM key AS k WHERE k.name = w.key))), w.want, format('%s ends the key %s', w.who, w.key))
  FROM (VALUES ('art', 'read', 'api_key_not_found'), ('ops', 'read', 'api_key_not_found'), ('aud', 'read', 'forbidden'), ('bea', 'read', 'api_key_not_found'),
	('amy', 'root', 'api_key_not_found')) AS w (who, key, want);
SELECT is(t.code_as('ann', format('revoke_api_key(p_key => %L)', x.id)), 'api_key_not_found', format('no key: %L', x.id))
  FROM (VALUES (NULL), (''), (t.login_id('ann')), (repeat('k', 500))) AS x (id);
SELECT is(pg_temp.code('read', 'get_me()'), 'ok', 'it opens');
SELECT is(t.code_as('ann', format('revoke_api_key(p_key => %L, p_if_revision => 7)', k.id)), 'revision_mismatch', 'another revision') FROM key AS k WHERE k.name = 'read';
SELECT is(t.code_as('ann', format('revoke_api_key(p_key => %L)', k.id)), 'ok', 'ended') FROM key AS k WHERE k.name = 'read';
SELECT is(pg_temp.code('read', 'get_me()'), 'unauthorized', 'at the next call');
SELECT is(t.code_as('amy', format('revoke_api_key(p_key => %L)', k.id)), 'ok', 'an administrator ends one of his users') FROM key AS k WHERE k.name = 'sessions';
SELECT is(pg_temp.code('sessions', 'create_session(p_template => ''term'')'), 'unauthorized', 'at once');
SELECT t.must_as('amy', 'update_user(p_user => ''ops'', p_active => false)');
SELECT is(jsonb_array_length(t.must_as('amy', 'list_api_keys(p_user => ''ops'')') -> 'items'), 0, 'a deactivation ends them all');

-- Expiry, and last use.
SELECT t.must('api', format('SELECT streamspace.record_credential_uses(p_items => %L)', jsonb_build_array(jsonb_build_object(
	'hash', encode(pg_temp.actor('all'), 'hex'), 'age_ms', 1000))));
SELECT isnt(jsonb_path_query_first(t.must_as('amy', 'list_api_keys()'), '$.items[*] ? (@.name == "all").last_used_at') #>> '{}', NULL, 'the last use is shown');
CREATE FUNCTION pg_temp.at(p_after text, p_key text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_code text;
BEGIN
	PERFORM set_config('streamspace.clock_offset', p_after, true);
	v_code := t.code(NULL, format('SELECT streamspace.get_me(p_actor => %L)', pg_temp.actor(p_key)));
	PERFORM set_config('streamspace.clock_offset', '', true);
	RETURN v_code;
END
$$;
SELECT is(pg_temp.at('89 days 23 hours', 'all'), 'ok', 'a key does not end by resting');
SELECT is(pg_temp.at('90 days 1 second', 'all'), 'unauthorized', 'but at its time');
UPDATE streamspace_data.credential SET expires_at = now() - interval '8 days' WHERE token_hash = pg_temp.actor('all');
SELECT t.must(NULL, 'SELECT streamspace.tick()');
SELECT is((SELECT count(*) FROM streamspace_data.credential AS c WHERE c.token_hash = pg_temp.actor('all')), 0::bigint, 'a week later the row is gone');
SELECT is((SELECT count(*) FROM streamspace_data.credential_use AS c WHERE c.token_hash = pg_temp.actor('all')), 0::bigint, 'and its use');

-- Bounds and settings.
SELECT t.login('red', 'art', 'art-2');
SELECT is((SELECT array_agg(DISTINCT t.code('api', format('SELECT streamspace.create_api_key(p_name => %L, p_scopes => ''{read}'', p_actor => %L)', n, t.actor('art-2')))) FROM generate_series(1, 100) AS n),
	ARRAY['ok'], '100 keys');
SELECT is(t.code('api', format('SELECT streamspace.create_api_key(p_name => ''more'', p_scopes => ''{read}'', p_actor => %L)', t.actor('art-2'))), 'limit_reached', 'and no more');

SELECT * FROM finish();
ROLLBACK;
