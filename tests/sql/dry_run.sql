-- A dry run answers what the real call answers, and leaves nothing: for every mutation there is.
-- (That it does not notify either stands in tests/sql/dry_run_notify.py, which commits.)
BEGIN;
SELECT * FROM no_plan();
SELECT t.stage();

SELECT bag_eq('SELECT DISTINCT c.function FROM t.calls() AS c', 'SELECT f.name::text FROM t.api_function AS f WHERE f.is_mutation',
	'every function with p_dry_run has a call here');
SELECT is_empty($$SELECT f.name FROM t.api_function AS f WHERE f.provolatile = 'v' AND NOT f.is_system AND NOT f.is_mutation
	AND f.name NOT IN ('log_out', 'report_activity')$$, 'and every function that writes takes p_dry_run, but for log_out, report_activity and those of the system');
SELECT bag_eq($$SELECT f.name::text FROM t.api_function AS f WHERE f.is_mutation AND 'p_if_revision' <> ALL (f.argument_names)$$,
	$$VALUES ('create_agent_token'), ('create_api_key'), ('create_home'), ('create_session'), ('create_user'), ('create_viewer_ticket'), -- nothing is there yet
		('after_restore'), ('change_sessions')$$, -- no object whose revision they could have read
	'each takes p_if_revision, but for those that make something new or concern no single object');

CREATE TEMP TABLE outcome (number int GENERATED ALWAYS AS IDENTITY, call text, actor text, dry t.answer, again t.answer, real t.answer,
	kept boolean, changed boolean, secret text);

DO $do$
DECLARE
	v_call record;
	v_before jsonb;
	v_dry t.answer;
	v_again t.answer;
	v_real t.answer;
	v_kept boolean;
	v_changed boolean;
BEGIN
	FOR v_call IN SELECT * FROM t.calls() LOOP
		BEGIN
			v_real := t.as(v_call.actor, v_call.call);
			RAISE EXCEPTION USING ERRCODE = 'UNDO1';
		EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
			NULL;
		END;
		-- The real answer was taken in a transaction that is undone, so that the dry run meets the same state.
		v_before := t.contents();
		v_dry := t.as(v_call.actor, regexp_replace(v_call.call, '\)$', ', p_dry_run => true)'));
		v_kept := v_before = t.contents();
		v_again := t.as(v_call.actor, regexp_replace(v_call.call, '\)$', ', p_request_id => ''dry'', p_dry_run => true)'));
		v_kept := v_kept AND v_before = t.contents();
		BEGIN
			PERFORM t.as(v_call.actor, v_call.call);
			v_changed := v_before <> t.contents();
			RAISE EXCEPTION USING ERRCODE = 'UNDO1';
		EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
			NULL;
		END;
		INSERT INTO outcome (call, actor, dry, again, real, kept, changed, secret)
		VALUES (v_call.call, v_call.actor, v_dry, v_again, v_real, v_kept, v_changed, v_call.secret);
	END LOOP;
END
$do$;

SELECT is((o.real).code, 'ok', format('%s: %s works', o.actor, o.call)) FROM outcome AS o ORDER BY o.number;
SELECT is((o.dry).code, 'ok', format('dry run of %s', o.call)) FROM outcome AS o ORDER BY o.number;
SELECT is(t.plain((o.dry).value, ARRAY(SELECT x.id FROM t.staged AS x)), t.plain((o.real).value, ARRAY(SELECT x.id FROM t.staged AS x)),
	format('dry answer of %s', o.call)) FROM outcome AS o ORDER BY o.number;
SELECT is(t.plain((o.again).value, ARRAY(SELECT x.id FROM t.staged AS x)), t.plain((o.real).value, ARRAY(SELECT x.id FROM t.staged AS x)),
	format('dry answer with a key of %s', o.call)) FROM outcome AS o ORDER BY o.number;
SELECT ok(o.kept, format('no row differs after the dry run of %s', o.call)) FROM outcome AS o ORDER BY o.number;
SELECT ok(o.changed, format('control: rows differ after %s', o.call)) FROM outcome AS o ORDER BY o.number;
SELECT is((o.dry).value -> o.secret, 'null'::jsonb, format('a dry run shows no secret: %s', o.call))
  FROM outcome AS o WHERE o.secret IS NOT NULL ORDER BY o.number;
SELECT matches((o.real).value ->> o.secret, '^[0-9a-f]{64}$', format('control: the real one does: %s', o.call))
  FROM outcome AS o WHERE o.secret IS NOT NULL ORDER BY o.number;

-- Refusals are the same, too.
CREATE FUNCTION pg_temp.both(p_actor text, p_call text) RETURNS text LANGUAGE sql AS $$
	SELECT t.code_as(p_actor, p_call) || ' ' || t.code_as(p_actor, regexp_replace(p_call, '\)$', ', p_dry_run => true)'))
$$;
SELECT is(pg_temp.both('ann', 'create_session(p_template => ''none'')'), 'template_not_found template_not_found', 'template_not_found in both');
SELECT is(pg_temp.both('ann', format('wake_session(p_session => %L)', (SELECT id FROM t.staged WHERE name = 'running'))),
	'invalid_transition invalid_transition', 'invalid_transition in both');
SELECT t.must('dba', $$SELECT streamspace.put_quota(p_scope => 'user', p_name => 'ann', p_org => 'red', p_limits => '{"sessions": 2}')$$);
SELECT is(pg_temp.both('ann', 'create_session(p_template => ''term'')'), 'quota_exceeded quota_exceeded', 'quota_exceeded in both');

SELECT * FROM finish();
ROLLBACK;
