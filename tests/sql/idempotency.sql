-- Idempotency keys, for every mutation there is: a repeat gets the first answer and does nothing.
-- (Two at the same moment: tests/isolation/races.py.)
BEGIN;
SELECT * FROM no_plan();
SELECT t.stage();

CREATE TEMP TABLE outcome (number int GENERATED ALWAYS AS IDENTITY, call text, secret text, first t.answer, second t.answer, other t.answer,
	kept boolean, elsewhere t.answer);

DO $do$
DECLARE
	v_call record;
	v_key text;
	v_before jsonb;
	v_row outcome;
BEGIN
	FOR v_call IN SELECT * FROM t.calls() LOOP
		v_key := ', p_request_id => ''key-1'')';
		BEGIN
			v_row.first := t.as(v_call.actor, regexp_replace(v_call.call, '\)$', v_key));
			v_before := t.contents();
			v_row.second := t.as(v_call.actor, regexp_replace(v_call.call, '\)$', v_key));
			v_row.other := t.as(v_call.actor, regexp_replace(v_call.other, '\)$', v_key));
			v_row.kept := v_before = t.contents();
			RAISE EXCEPTION USING ERRCODE = 'UNDO1';
		EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
			NULL;
		END;
		INSERT INTO outcome (call, secret, first, second, other, kept)
		VALUES (v_call.call, v_call.secret, v_row.first, v_row.second, v_row.other, v_row.kept);
	END LOOP;
END
$do$;

SELECT is((o.first).code, 'ok', format('%s with a key', o.call)) FROM outcome AS o ORDER BY o.number;
SELECT is((o.second).value, (o.first).value, format('again: the same answer: %s', o.call)) FROM outcome AS o
 WHERE o.secret IS NULL ORDER BY o.number;
SELECT is((o.second).code, 'secret_already_shown', format('again: its secret is not kept: %s', o.call)) FROM outcome AS o
 WHERE o.secret IS NOT NULL ORDER BY o.number;
SELECT isnt(((o.second).detail)::jsonb ->> 'id', NULL, format('but the object is named: %s', o.call)) FROM outcome AS o
 WHERE o.secret IS NOT NULL ORDER BY o.number;
SELECT is((o.other).code, 'request_mismatch', format('the key with other arguments: %s', o.call)) FROM outcome AS o ORDER BY o.number;
SELECT ok(o.kept, format('no row differs after the repeats: %s', o.call)) FROM outcome AS o ORDER BY o.number;

-- A key belongs to one actor and one function.
SELECT is(t.code_as('ann', 'create_session(p_template => ''term'', p_request_id => ''k'')'), 'ok', 'ann''s key');
SELECT is(t.code_as('art', 'create_session(p_template => ''term'', p_request_id => ''k'')'), 'ok', 'is not art''s');
SELECT isnt(t.must_as('ann', 'create_session(p_template => ''term'', p_request_id => ''k'')') ->> 'id',
	t.must_as('art', 'create_session(p_template => ''term'', p_request_id => ''k'')') ->> 'id', 'they have two sessions');
SELECT is(t.code_as('ann', format('hibernate_session(p_session => %L, p_request_id => ''k'')', (SELECT id FROM t.staged WHERE name = 'running'))),
	'ok', 'and another function is another request');
SELECT is(t.code('dba', 'SELECT streamspace.create_session(p_template => ''term'', p_owner => ''ann'', p_org => ''red'', p_request_id => ''k'')'),
	'ok', 'a DBA has keys of his own');
SELECT is(t.must('dba', 'SELECT streamspace.create_session(p_template => ''term'', p_owner => ''ann'', p_org => ''red'', p_request_id => ''k'')')
	->> 'id', t.must('dba', 'SELECT streamspace.create_session(p_template => ''term'', p_owner => ''ann'', p_org => ''red'', p_request_id => ''k'')')
	->> 'id', 'that work the same');

-- What was refused is not kept: the same key works once the cause is gone.
SELECT is(t.code_as('ann', 'create_session(p_template => ''later'', p_request_id => ''r'')'), 'template_not_found', 'a refusal');
SELECT t.must_as('amy', 'put_template(p_name => ''later'', p_spec => ''{"displayName": "L", "platforms": ["process"], "command": ["x"]}'')');
SELECT is(t.code_as('ann', 'create_session(p_template => ''later'', p_request_id => ''r'')'), 'ok', 'and the same key when it can be done');

-- A dry run keeps nothing under its key.
SELECT is(t.code_as('ann', 'create_session(p_template => ''term'', p_request_id => ''d'', p_dry_run => true)'), 'ok', 'a dry run with a key');
SELECT is_empty($$SELECT r.request_id FROM streamspace_data.request AS r WHERE r.request_id = 'd'$$, 'leaves none');
SELECT is(t.code_as('ann', 'create_session(p_template => ''later'', p_request_id => ''d'')'), 'ok', 'so that the key is free for anything');

-- Keys are bounded, and purged.
SELECT is(t.code_as('ann', format('create_session(p_template => ''term'', p_request_id => %L)', repeat('k', 201))), 'invalid_argument', 'too long a key');
SELECT is(t.code_as('ann', 'create_session(p_template => ''term'', p_request_id => '''')'), 'invalid_argument', 'an empty key');
SELECT isnt_empty('SELECT r.request_id FROM streamspace_data.request AS r', 'there are keys');
SELECT t.must(NULL, 'SELECT streamspace.tick()');
SELECT isnt_empty('SELECT r.request_id FROM streamspace_data.request AS r', 'a sweep keeps young ones');
SET LOCAL streamspace.clock_offset = '3 days';
SELECT t.must(NULL, 'SELECT streamspace.tick()');
SELECT is_empty('SELECT r.request_id FROM streamspace_data.request AS r', 'and removes them after their retention');
RESET streamspace.clock_offset;

-- No secret is stored anywhere: neither in the clear nor in the audit log.
CREATE TEMP TABLE secret AS SELECT t.must_as('amy', 'create_user(p_name => ''sue'', p_org => NULL, p_role => ''user'', p_display_name => ''S'',
	p_max_sessions => NULL, p_request_id => ''s'')') ->> 'set_password_token' AS token;
SELECT t.must_as('root', 'approve_agent(p_agent => ''agent-old'', p_key_prefix => NULL, p_request_id => ''s'')') ->> 'api_key' AS key \gset
INSERT INTO secret VALUES (:'key');
CREATE FUNCTION pg_temp.holders(p_secret text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	v_table regclass;
	v_found boolean;
BEGIN
	FOR v_table IN SELECT k.oid::regclass FROM pg_class AS k
	                WHERE k.relnamespace = 'streamspace_data'::regnamespace AND k.relkind IN ('r', 'p') LOOP
		EXECUTE format('SELECT EXISTS (SELECT FROM %s AS x WHERE x::text LIKE ''%%'' || $1 || ''%%'')', v_table) INTO v_found USING p_secret;
		IF v_found THEN
			RETURN NEXT v_table::text;
		END IF;
	END LOOP;
END
$$;
SELECT is_empty(format('SELECT pg_temp.holders(%L)', s.token), 'no table holds the secret') FROM secret AS s;
SELECT isnt_empty($$SELECT pg_temp.holders('sue')$$, 'control: the search finds what is there');
SELECT is_empty($$SELECT l.function FROM streamspace_data.audit_log AS l WHERE l.arguments::text ~ 'argon2'$$, 'no password hash is in the audit log');

-- Who has lost a right is not even told what he got when he had it.
CREATE TEMP TABLE d (call text, first text, second text);
INSERT INTO d (call) VALUES ('create_user(p_name => ''kim'', p_request_id => ''d'')'), ('reset_password(p_user => ''art'', p_request_id => ''d'')'),
	('put_template(p_name => ''kept'', p_spec => ''{"command": ["x"]}'', p_request_id => ''d'')'),
	('create_session(p_template => ''term'', p_owner => ''ann'', p_request_id => ''d'')'),
	((SELECT format('terminate_session(p_session => %L, p_request_id => ''d'')', x.id) FROM t.staged AS x WHERE x.name = 'running'));
UPDATE d SET first = t.code_as('amy', call);
UPDATE streamspace_data.app_user SET role = 'user' WHERE name = 'amy';
UPDATE d SET second = t.code_as('amy', call);
SELECT is(d.first, 'ok', format('an administrator: %s', d.call)) FROM d;
SELECT is(d.second, CASE WHEN d.call ~ '^terminate' THEN 'session_not_found' ELSE 'forbidden' END, format('demoted, again with the key: %s', d.call)) FROM d;

SELECT * FROM finish();
ROLLBACK;
