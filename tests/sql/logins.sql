-- Log-ins: idle and absolute expiry, when they were last used, lists, ends; and the change of a password.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_user('aud', 'red', 'auditor'), t.make_user('ops', 'red', 'operator');
-- As the server calls it, with the clock of this test.
CREATE FUNCTION pg_temp.opens(p_token text, p_after interval DEFAULT '0') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_code text;
BEGIN
	PERFORM set_config('streamspace.clock_offset', p_after::text, true);
	v_code := t.code(NULL, format('SELECT streamspace.get_me(p_actor => %L)', t.actor(p_token)));
	PERFORM set_config('streamspace.clock_offset', '', true);
	RETURN v_code;
END
$$;
CREATE FUNCTION pg_temp.used(p_token text, p_after interval, p_age_ms bigint DEFAULT 0) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_text text;
BEGIN
	PERFORM set_config('streamspace.clock_offset', p_after::text, true);
	v_text := t.must(NULL, format('SELECT streamspace.record_credential_uses(p_items => %L)',
		jsonb_build_array(jsonb_build_object('hash', encode(t.actor(p_token), 'hex'), 'age_ms', p_age_ms)))) ->> 'recorded';
	PERFORM set_config('streamspace.clock_offset', '', true);
	RETURN v_text;
END
$$;

-- What a log-in looks like.
SELECT is((t.must_as('ann', 'list_logins()') #> '{items,0}') - ARRAY['id', 'created_at', 'expires_at', 'idle_expires_at'],
	'{"org": "red", "user": "ann", "address": "127.0.0.1", "current": true, "revision": 1, "user_agent": null, "last_used_at": null}', 'a log-in');
SELECT is(t.must_as('ann', 'list_logins()')::text ~ encode(t.actor('ann'), 'hex'), false, 'without its hash');
SELECT t.must('api', format('SELECT streamspace.complete_login(p_org => ''red'', p_user => ''ann'', p_verified_hash => %L, p_token_hash => %L,
	p_address => %L, p_user_agent => %L)', t.password_hash('ann'), t.actor('phone'), '2001:db8::1', repeat('x', 300)));
SELECT is(t.must_as('ann', 'list_logins()') #>> '{items,0,user_agent}', repeat('x', 200), 'what the program calls itself is cut');
SELECT is(jsonb_path_query_array(t.must_as('ann', 'list_logins()'), '$.items[*].current'), '[false, true]', 'the newest first, this one marked');

-- Idle and absolute expiry.
SELECT is(pg_temp.opens('ann', '7 hours 59 minutes'), 'ok', 'unused for less than 8 hours');
SELECT is(pg_temp.opens('ann', '8 hours 1 minute'), 'unauthorized', 'for longer');
SELECT is(pg_temp.used('ann', '7 hours'), '1', 'a use is recorded');
SELECT is(pg_temp.opens('ann', '11 hours 59 minutes'), 'ok', 'and counts');
SELECT is(pg_temp.opens('ann', '12 hours 1 second'), 'unauthorized', 'up to the end of its life');
SELECT is(pg_temp.opens('phone', '9 hours'), 'unauthorized', 'of that log-in only');
SELECT is(pg_temp.used('ann', '3 hours'), '0', 'an earlier use changes nothing');
SELECT is(pg_temp.opens('ann', '11 hours 59 minutes'), 'ok', 'the later one stays');
SELECT is(pg_temp.used('phone', '9 hours'), '0', 'a use of what had ended then does not bring it back');
SELECT is(pg_temp.opens('phone', '9 hours 1 second'), 'unauthorized', 'so it stays ended');
SELECT is(pg_temp.used('phone', '8 hours 1 minute', 120000), '1', 'one of before, told late, counts');
SELECT is(pg_temp.used('nobody', '0'), '0', 'an unknown token is passed over');
SELECT is(pg_temp.used('bootstrap', '0'), '0', 'so is what is no log-in');
SELECT is(t.code('api', format('SELECT streamspace.record_credential_uses(p_items => %L)', i.items)), 'invalid_argument', format('no uses: %s', i.items))
  FROM (VALUES (NULL), ('{}'), ('[1]'), ('[{}]'), ('[{"hash": "00"}]'), ('[{"hash": null, "age_ms": 1}]'),
	(format('[{"hash": "%s", "age_ms": -1}]', repeat('0', 64))), (format('[{"hash": "%s", "age_ms": 1.5}]', repeat('0', 64))),
	(format('[{"hash": "%s", "age_ms": 1e30}]', repeat('0', 64))), (format('[{"hash": "%s", "age_ms": 0, "more": 1}]', repeat('0', 64)))) AS i (items);
SELECT is(t.must('api', format('SELECT streamspace.record_credential_uses(p_items => %L)', jsonb_build_array(
	jsonb_build_object('hash', encode(t.actor('art'), 'hex'), 'age_ms', 5000), jsonb_build_object('hash', encode(t.actor('art'), 'hex'), 'age_ms', 10)))) ->> 'recorded',
	'1', 'a token twice in a batch');
SELECT cmp_ok((t.must_as('art', 'list_logins()') #>> '{items,0,last_used_at}')::timestamptz, '>', now() - interval '1 second', 'the later one counts');

-- The setting counts for log-ins that are open.
SELECT t.must_as('root', 'put_settings(p_settings => ''{"login_idle_seconds": 600, "login_max_seconds": 1200}'')');
SELECT is(pg_temp.opens('art', '11 minutes'), 'unauthorized', 'a shorter idle time counts at once');
SELECT is(pg_temp.opens('art', '9 minutes'), 'ok', 'and not before');
SELECT t.login('red', 'art', 'short');
SELECT pg_temp.used('short', '9 minutes'), pg_temp.used('short', '18 minutes');
SELECT is(pg_temp.opens('short', '19 minutes'), 'ok', 'the life of a new log-in');
SELECT is(pg_temp.opens('short', '20 minutes 1 second'), 'unauthorized', 'has its new length');
SELECT t.must_as('root', 'put_settings(p_settings => ''{"login_idle_seconds": 28800, "login_max_seconds": 43200}'')');

-- Lists: one's own, or those of the organisation.
SELECT is(jsonb_path_query_array(t.must_as('ann', 'list_logins()'), '$.items[*].user'), '["ann", "ann"]', 'a user sees his own');
SELECT is(t.code_as('ann', 'list_logins(p_user => ''art'')'), 'forbidden', 'and no other');
SELECT is(t.code_as('ops', 'list_logins(p_user => ''art'')'), 'forbidden', 'an operator neither');
SELECT is((SELECT array_agg(DISTINCT x #>> '{}') FROM jsonb_path_query(t.must_as(w.who, 'list_logins()'), '$.items[*].org') AS x), ARRAY['red'],
	format('%s sees those of the organisation', w.who)) FROM (VALUES ('amy'), ('aud')) AS w (who);
SELECT is(jsonb_path_query_array(t.must_as('amy', 'list_logins(p_user => ''art'')'), '$.items[*].user'), '["art", "art"]', 'or of one user');
SELECT is(t.code_as('amy', 'list_logins(p_user => ''bob'')'), 'user_not_found', 'of this organisation');
SELECT is(t.code_as('amy', 'list_logins(p_org => ''blue'')'), 'forbidden', 'not of another');
SELECT is(jsonb_array_length(t.must_as('root', 'list_logins(p_org => ''blue'')') -> 'items'), 2, 'a platform administrator names one');
SELECT is((SELECT count(DISTINCT x) FROM (
	SELECT jsonb_path_query(t.must_as('amy', 'list_logins(p_limit => 3)'), '$.items[*].id') AS x
	UNION ALL SELECT jsonb_path_query(t.must_as('amy', format('list_logins(p_limit => 200, p_cursor => %L)',
		t.must_as('amy', 'list_logins(p_limit => 3)') ->> 'next_cursor')), '$.items[*].id')) AS y),
	(SELECT count(*) FROM jsonb_path_query(t.must_as('amy', 'list_logins(p_limit => 200)'), '$.items[*].id')), 'pages are whole');

-- Ends.
SELECT t.login_id('phone') AS phone, t.login_id('art') AS art, t.login_id('bob') AS bob, t.login_id('root') AS root \gset
SELECT is(t.code_as('ann', format('revoke_login(p_login => %L)', :'art')), 'login_not_found', 'another''s log-in looks like none');
SELECT is(t.code_as('ops', format('revoke_login(p_login => %L)', :'art')), 'login_not_found', 'also for operators');
SELECT is(t.code_as('aud', format('revoke_login(p_login => %L)', :'art')), 'login_not_found', 'and auditors');
SELECT is(t.code_as('amy', format('revoke_login(p_login => %L)', :'bob')), 'login_not_found', 'one of another organisation');
SELECT is(t.code_as('amy', format('revoke_login(p_login => %L)', :'root')), 'login_not_found', 'that of the platform administrator');
SELECT is(t.code_as('ann', format('revoke_login(p_login => %L)', l.id)), 'login_not_found', format('no log-in: %L', l.id))
  FROM (VALUES (NULL), (''), ('l-'), (repeat('x', 1000)), (encode(t.actor('ann'), 'hex'))) AS l (id);
SELECT is(t.code_as('ann', format('revoke_login(p_login => %L, p_if_revision => 2)', :'phone')), 'revision_mismatch', 'another revision');
SELECT is(pg_temp.opens('phone'), 'ok', 'still open');
SELECT is(t.must_as('ann', format('revoke_login(p_login => %L)', :'phone')) ->> 'id', :'phone', 'one''s own ends');
SELECT is(pg_temp.opens('phone'), 'unauthorized', 'at the next call');
SELECT is(pg_temp.opens('ann'), 'ok', 'the other goes on');
SELECT is(pg_temp.used('phone', '0'), '0', 'it is not used any more');
SELECT is(t.code_as('ann', format('revoke_login(p_login => %L)', :'phone')), 'login_not_found', 'and gone');
SELECT is(t.must_as('amy', format('revoke_login(p_login => %L)', :'art')) ->> 'user', 'art', 'an administrator ends one of his users');
SELECT is(pg_temp.opens('art'), 'unauthorized', 'at once');
SELECT is(t.code_as('root', format('revoke_login(p_login => %L)', :'bob')), 'ok', 'a platform administrator of everybody');
SELECT is((SELECT array_agg(o.name::text) FROM streamspace_data.audit_log AS l JOIN streamspace_data.org AS o USING (org_id)
	WHERE l.function = 'revoke_login' AND l.object_id = :'bob'), ARRAY['blue'], 'written where it belongs');
SELECT is(t.must_as('ann', 'log_out()') ->> 'logged_out', 'true', 'log-out');
SELECT is(pg_temp.opens('ann'), 'unauthorized', 'ends this one');

-- A user has at most 500; the oldest make room.
SELECT t.login('red', 'ann', 'first'), t.login('red', 'ann', 'second');
INSERT INTO streamspace_data.credential (token_hash, kind, credential_id, org_id, user_id, expires_at)
	SELECT sha256(('old ' || n)::bytea), 'login', streamspace_rules.new_id('l-'), u.org_id, u.user_id, now() + interval '1 day'
	  FROM generate_series(1, 498) AS n, streamspace_data.app_user AS u WHERE u.name = 'ann';
SELECT is(pg_temp.opens('first'), 'ok', '500 log-ins');
SELECT t.login('red', 'ann', 'last');
SELECT is(pg_temp.opens('first') || ' ' || pg_temp.opens('second') || ' ' || pg_temp.opens('last'), 'unauthorized ok ok', 'the oldest makes room for the next');

-- Change of a password: one half, the server verifies, the other half.
CREATE FUNCTION pg_temp.change(p_user text, p_verified text, p_new text) RETURNS t.answer LANGUAGE sql AS $$
	SELECT t.ask('api', format('SELECT streamspace.change_password(p_verified_hash => %L, p_password_hash => %L, p_actor => %L)', p_verified, p_new, t.actor(p_user)))
$$;
SELECT is(t.must('api', format('SELECT streamspace.password_challenge(p_actor => %L)', t.actor('last'))), jsonb_build_object('password_hash', t.password_hash('ann')),
	'the hash to verify against');
SELECT is((pg_temp.change('last', t.password_hash('wrong'), t.password_hash('new'))).code, 'invalid_credentials', 'a hash that is not the present one');
SELECT is((pg_temp.change('last', NULL, t.password_hash('new'))).code, 'invalid_credentials', 'none');
SELECT is((pg_temp.change('last', t.password_hash('ann'), 'plain')).code, 'invalid_argument', 'a new one that is no hash');
SELECT t.must_as('amy', 'reset_password(p_user => ''ann'')') ->> 'set_password_token' AS token \gset
SELECT is((pg_temp.change('last', t.password_hash('ann'), t.password_hash('new'))).code, 'ok', 'changed');
SELECT is(pg_temp.opens('last') || ' ' || pg_temp.opens('second'), 'ok unauthorized', 'this log-in goes on, the others end');
SELECT is(t.code('api', format('SELECT streamspace.check_password_token(p_token_hash => %L)', sha256(convert_to(:'token', 'UTF8')))), 'token_invalid', 'one-time tokens, too');
SELECT is((pg_temp.change('last', t.password_hash('ann'), t.password_hash('newer'))).code, 'invalid_credentials', 'the old one is worth nothing');
SELECT is(t.code('api', 'SELECT streamspace.password_challenge(p_actor => NULL)'), 'actor_required', 'nobody changes nothing');
SELECT is(t.code('api', format('SELECT streamspace.password_challenge(p_actor => %L)', t.actor('second'))), 'unauthorized', 'nor who has been logged out');
SELECT is((SELECT array_agg(t.code('api', format('SELECT streamspace.password_challenge(p_actor => %L)', t.actor('last'))) ORDER BY n) FROM generate_series(1, 11) AS n),
	array_fill('ok'::text, ARRAY[10]) || 'too_many_attempts'::text, 'who found an open log-in guesses 10 times');
SELECT is(t.code('api', format('SELECT streamspace.login_challenge(p_org => ''red'', p_user => ''ann'', p_address => ''127.0.0.1'')')), 'ok', 'which locks nobody out at the door');
SELECT is(t.code('dba', format('SELECT streamspace.password_challenge(p_actor => %L)', t.actor('last'))), '42501', 'not for DBAs');

SELECT * FROM finish();
ROLLBACK;
