-- Failed log-ins are counted by account and by address, before the password is looked at; strangers cannot lock an owner
-- out where he usually is. (Guesses that run at the same moment: tests/isolation/account_races.py.)
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
-- A guess: the server asks for the hash and the password does not fit.
CREATE FUNCTION pg_temp.guess(p_user text, p_address text, p_org text DEFAULT 'red') RETURNS text LANGUAGE sql AS $$
	SELECT t.code('api', format('SELECT streamspace.login_challenge(p_org => %L, p_user => %L, p_address => %L)', p_org, p_user, p_address))
$$;
CREATE FUNCTION pg_temp.guesses(p_user text, p_address text, p_count integer, p_org text DEFAULT 'red') RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(DISTINCT x.code) FROM (SELECT pg_temp.guess(p_user, p_address, p_org) AS code FROM generate_series(1, p_count)) AS x
$$;
-- A whole log-in with the right password.
CREATE FUNCTION pg_temp.login(p_user text, p_address text, p_org text DEFAULT 'red') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_answer t.answer := t.ask('api', format('SELECT streamspace.login_challenge(p_org => %L, p_user => %L, p_address => %L)', p_org, p_user, p_address));
BEGIN
	IF v_answer.code <> 'ok' THEN
		RETURN v_answer.code;
	END IF;
	RETURN t.code('api', format('SELECT streamspace.complete_login(p_org => %L, p_user => %L, p_verified_hash => %L, p_token_hash => %L, p_address => %L)',
		p_org, p_user, v_answer.value ->> 'password_hash', sha256(gen_random_uuid()::text::bytea), p_address));
END
$$;
CREATE FUNCTION pg_temp.forget() RETURNS void LANGUAGE sql AS $$ DELETE FROM streamspace_data.login_attempt $$;

-- One account, one stranger: 10 guesses in 15 minutes.
SELECT is(pg_temp.guesses('ann', '192.0.2.1', 10), ARRAY['ok'], '10 guesses');
SELECT is(pg_temp.guess('ann', '192.0.2.1'), 'too_many_attempts', 'and no 11th');
SELECT is(((t.ask('api', 'SELECT streamspace.login_challenge(p_org => ''red'', p_user => ''ann'', p_address => ''192.0.2.1'')')).detail)::jsonb,
	'{"retry_after_seconds": 900}', 'told for how long');
SELECT is(pg_temp.guess('ann', '198.51.100.7'), 'too_many_attempts', 'from anywhere else that the account does not know');
SELECT is(pg_temp.guess('ann', NULL), 'too_many_attempts', 'also from nowhere');
SELECT is(pg_temp.guess('art', '192.0.2.1'), 'ok', 'another account has its own count');
SELECT is(pg_temp.guess('ann', '192.0.2.1', 'blue'), 'ok', 'so has that name elsewhere');
-- The owner, meanwhile, where he usually is.
SELECT is(pg_temp.login('ann', '127.0.0.1'), 'ok', 'the owner logs in where he is known');
SELECT is((SELECT array_agg(DISTINCT pg_temp.login('ann', '127.0.0.1')) FROM generate_series(1, 30)), ARRAY['ok'], 'as often as he likes');
SELECT is(pg_temp.guess('ann', '192.0.2.1'), 'too_many_attempts', 'which gives the stranger nothing');
SELECT is(pg_temp.login('ann', '203.0.113.9'), 'too_many_attempts', 'from a new place he waits,');
SELECT t.must_as('amy', 'reset_password(p_user => ''ann'')') ->> 'set_password_token' AS token \gset
SELECT t.must('api', format('SELECT streamspace.set_password(p_token_hash => %L, p_password_hash => %L, p_address => %L)', sha256(convert_to(:'token', 'UTF8')),
	t.password_hash('ann'), '203.0.113.9'));
SELECT is(pg_temp.login('ann', '203.0.113.9'), 'ok', 'or sets his password there with a one-time token');
SELECT is(pg_temp.guess('ann', '192.0.2.1'), 'too_many_attempts', 'the stranger goes on waiting');

-- The owner's own mistakes count where he is, and are not forgotten by one log-in.
SELECT is(pg_temp.guesses('ann', '127.0.0.1', 9), ARRAY['ok'], '9 mistakes of his own');
SELECT is(pg_temp.login('ann', '127.0.0.1'), 'ok', 'the 10th is right');
SELECT is(pg_temp.guess('ann', '127.0.0.1'), 'ok', 'which takes back itself');
SELECT is(pg_temp.guess('ann', '127.0.0.1'), 'too_many_attempts', 'and not the mistakes before');
SELECT is(pg_temp.login('ann', '203.0.113.9'), 'ok', 'other places that he is known at have their own count');

-- The window ends.
CREATE FUNCTION pg_temp.guess_after(p_after text, p_user text, p_address text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_code text;
BEGIN
	PERFORM set_config('streamspace.clock_offset', p_after, true);
	v_code := t.code(NULL, format('SELECT streamspace.login_challenge(p_org => ''red'', p_user => %L, p_address => %L)', p_user, p_address));
	PERFORM set_config('streamspace.clock_offset', '', true);
	RETURN v_code;
END
$$;
SELECT is(pg_temp.guess_after('14 minutes 59 seconds', 'ann', '192.0.2.1'), 'too_many_attempts', 'the window is 15 minutes');
SELECT is(pg_temp.guess_after('15 minutes', 'ann', '192.0.2.1'), 'ok', 'then it begins anew');
SELECT pg_temp.forget();

-- One address, many accounts: 100, counted whether they exist or not.
SELECT is((SELECT array_agg(DISTINCT pg_temp.guess('user-' || n, '192.0.2.2')) FROM generate_series(1, 100) AS n), ARRAY['ok'], '100 accounts from one address');
SELECT is(pg_temp.guess('user-101', '192.0.2.2'), 'too_many_attempts', 'and no more');
SELECT is(pg_temp.guess('bob', '192.0.2.2', 'blue'), 'too_many_attempts', 'in no organisation');
SELECT is(pg_temp.guess('user-101', '192.0.2.3'), 'ok', 'the next address has its own count');
SELECT is(pg_temp.login('art', '192.0.2.3'), 'ok', 'art logs in there');
SELECT is((SELECT array_agg(DISTINCT pg_temp.guess('user-' || n, '192.0.2.3')) FROM generate_series(1, 120) AS n), ARRAY['ok', 'too_many_attempts'], 'somebody at that address tries all');
SELECT is(pg_temp.login('art', '192.0.2.3'), 'ok', 'who is known there logs in all the same');
SELECT pg_temp.forget();
SELECT is(pg_temp.guesses('ann', '192.0.2.4', 10) || pg_temp.guesses('nobody', '192.0.2.5', 10), ARRAY['ok', 'ok'], 'an account that does not exist');
SELECT is(pg_temp.guess('ann', '192.0.2.4') || ' ' || pg_temp.guess('nobody', '192.0.2.5'), 'too_many_attempts too_many_attempts', 'is counted like one that does');
SELECT pg_temp.forget();
SELECT is((SELECT array_agg(DISTINCT pg_temp.login('art', '192.0.2.3')) FROM generate_series(1, 120)), ARRAY['ok'], 'who is right is not counted');

-- What one address is.
SELECT is(streamspace_rules.login_network(a.text), a.want::inet, format('%L is %s', a.text, coalesce(a.want, 'no address'))) FROM (VALUES
	('192.0.2.1', '192.0.2.1'), ('::ffff:192.0.2.1', '192.0.2.1'), ('2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'), ('::1', '::/64'),
	('fe80::1%eth0', NULL), ('', NULL), ('localhost', NULL), ('192.0.2.1/8', NULL), ('300.0.2.1', NULL), (repeat(':', 40), NULL), (NULL, NULL)) AS a (text, want);
SELECT is(pg_temp.guesses('ann', '2001:db8::1', 10), ARRAY['ok'], 'a customer has many addresses');
SELECT is(pg_temp.guess('ann', '2001:db8::2'), 'too_many_attempts', 'that count as one');
SELECT pg_temp.forget();

-- What is known is bounded and ends.
SELECT is((SELECT array_agg(DISTINCT pg_temp.login('ann', '10.0.0.' || n)) FROM generate_series(1, 25) AS n), ARRAY['ok'], '25 places');
SELECT is((SELECT count(*) FROM streamspace_data.login_address AS a JOIN streamspace_data.app_user AS u USING (org_id, user_id) WHERE u.name = 'ann'), 20::bigint, 'of which 20 are known');
SELECT is((SELECT count(*) FROM streamspace_data.login_address AS a WHERE a.address = '10.0.0.25'), 1::bigint, 'the latest among them');
SELECT pg_temp.guesses('ann', '192.0.2.1', 10);
UPDATE streamspace_data.login_address SET last_login_at = now() - interval '91 days' WHERE address = '10.0.0.25';
SELECT is(pg_temp.guess('ann', '10.0.0.25'), 'too_many_attempts', 'after 90 days a place is strange');
SELECT t.must(NULL, 'SELECT streamspace.tick()');
SELECT is((SELECT count(*) FROM streamspace_data.login_address AS a WHERE a.address = '10.0.0.25'), 0::bigint, 'and forgotten');
SELECT isnt_empty('SELECT FROM streamspace_data.login_attempt', 'a sweep keeps counters');
UPDATE streamspace_data.login_attempt SET ends_at = now() - interval '1 second';
SELECT t.must(NULL, 'SELECT streamspace.tick()');
SELECT is_empty('SELECT FROM streamspace_data.login_attempt', 'until their window is over');

-- The bounds are settings.
SELECT t.must_as('root', 'put_settings(p_settings => ''{"login_attempts_per_account": 2, "login_attempts_per_address": 3, "login_window_seconds": 60}'')');
SELECT is((SELECT array_agg(pg_temp.guess('ann', '192.0.2.6') ORDER BY n) FROM generate_series(1, 3) AS n), ARRAY['ok', 'ok', 'too_many_attempts'], 'by account');
SELECT is((SELECT array_agg(pg_temp.guess('x' || n, '192.0.2.6') ORDER BY n) FROM generate_series(1, 2) AS n), ARRAY['ok', 'too_many_attempts'], 'by address, what was refused not counted');
SELECT is(pg_temp.guess_after('61 seconds', 'ann', '192.0.2.6'), 'ok', 'by time');

-- No answer tells who exists.
SELECT pg_temp.forget();
SELECT is(t.must('api', 'SELECT streamspace.login_challenge(p_org => ''red'', p_user => ''nobody'', p_address => ''192.0.2.9'')'),
	t.must('api', 'SELECT streamspace.login_challenge(p_org => ''red'', p_user => ''nobody'', p_address => ''192.0.2.9'')'), 'the hash of nobody is the same at every try');
SELECT is(t.code('api', format('SELECT streamspace.login_challenge(p_org => %L, p_user => %L, p_address => %L)', x.org, x.name, x.address)), 'ok', format('%L %L %L', left(x.org, 9), left(x.name, 9), left(x.address, 9)))
  FROM (VALUES (NULL, NULL, NULL), ('', '', ''), (repeat('o', 5000), repeat('u', 5000), repeat('a', 5000)), ('red', E'ann\n', '1.1.1.1'), ('red"', '","', '1.1.1.2')) AS x (org, name, address);
SELECT is((SELECT max(octet_length(a.key)) FROM streamspace_data.login_attempt AS a), 32, 'long names cost the same');

-- A wrong password is written down: for whom, from where; not a name that nobody has, which may be a password.
CREATE FUNCTION pg_temp.failed(p_user text, p_org text) RETURNS text LANGUAGE sql AS $$
	SELECT t.code('api', format('SELECT streamspace.record_failed_login(p_org => %L, p_user => %L, p_address => ''192.0.2.66'', p_user_agent => ''curl'')', p_org, p_user))
$$;
SELECT is(pg_temp.failed(x.name, x.org), 'ok', format('a failure of %L in %L', left(x.name, 9), left(x.org, 9)))
  FROM (VALUES ('ann', 'red'), ('my-secret', 'red'), ('ann', 'nowhere'), (NULL, NULL), (repeat('u', 5000), repeat('o', 5000))) AS x (name, org);
SELECT results_eq('SELECT l.org_id IS NOT NULL AS of_org, l.object_id::text, l.arguments ->> ''known'', l.arguments ->> ''address'', l.actor::text FROM streamspace_data.audit_log AS l WHERE l.function = ''record_failed_login'' ORDER BY l.audit_id LIMIT 3',
	$$VALUES (true, 'ann', 'true', '192.0.2.66', 'login:api'), (true, NULL, 'false', '192.0.2.66', 'login:api'), (false, NULL, 'false', '192.0.2.66', 'login:api')$$, 'each in the audit log of its organisation');
SELECT is((SELECT count(*) FROM streamspace_data.audit_log AS l WHERE l::text LIKE '%my-secret%'), 0::bigint, 'a name that nobody has is not in it');
SELECT is(jsonb_array_length(t.must_as('amy', 'list_audit(p_function => ''record_failed_login'', p_object => ''ann'')') -> 'items'), 1, 'where an administrator finds who is attacked');

SELECT * FROM finish();
ROLLBACK;
