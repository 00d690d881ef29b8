-- No state changes but by the transition table, whoever asks for it.
BEGIN;
SELECT * FROM no_plan();
SELECT t.world();
SELECT t.make_agent('agent-1');
CREATE TEMP TABLE x AS SELECT t.create_session('ann') AS id;
GRANT SELECT ON x TO PUBLIC;
SELECT is(t.state((SELECT id FROM x)), 'starting', 'a session to work on');

CREATE FUNCTION pg_temp.refused(p_who text, p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_before text := (SELECT s.state FROM streamspace_data.session AS s WHERE s.session_id = (SELECT id FROM x));
	v_state text := 'no error';
	v_text text;
BEGIN
	BEGIN
		EXECUTE p_sql;
		SET CONSTRAINTS ALL IMMEDIATE;
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_text = MESSAGE_TEXT;
	END;
	RETURN ok(v_state <> 'no error' AND v_state NOT LIKE '42%' AND v_before =
		(SELECT s.state FROM streamspace_data.session AS s WHERE s.session_id = (SELECT id FROM x)),
		format('%s is refused (%s %s)', p_who, v_state, v_text));
END
$$;

SELECT pg_temp.refused('superuser: ' || f.to_state,
	format('UPDATE streamspace_data.session SET state = %L, deadline_at = %s, on_deadline = %s WHERE session_id = %L', f.to_state,
		CASE WHEN f.to_state IN ('running', 'hibernated', 'terminated') THEN 'NULL' ELSE 'now()' END,
		CASE WHEN f.to_state IN ('running', 'hibernated', 'terminated') THEN 'NULL' ELSE '''force_terminate''' END,
		(SELECT id FROM x)))
  FROM unnest(ARRAY['pending', 'running', 'hibernating', 'hibernated', 'waking', 'terminating', 'terminated', 'failed'])
    AS f (to_state);
SELECT pg_temp.refused('an event that does not lead there',
	format($$UPDATE streamspace_data.session SET state = 'hibernated', state_event = 'report_running', deadline_at = NULL,
	       on_deadline = NULL WHERE session_id = %L$$, (SELECT id FROM x)));
SELECT pg_temp.refused('a session that begins as running',
	format($$INSERT INTO streamspace_data.session (org_id, session_id, user_id, template_id, template_revision, platform,
	       agent_id, state) SELECT s.org_id, 's-00000000000000000000000000', s.user_id, s.template_id, s.template_revision,
	       s.platform, s.agent_id, 'running' FROM streamspace_data.session AS s WHERE s.session_id = %L$$, (SELECT id FROM x)));

-- Through another trigger, which a BEFORE UPDATE OF state guard would not see.
CREATE FUNCTION pg_temp.meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.state := 'running';
	NEW.deadline_at := NULL;
	NEW.on_deadline := NULL;
	RETURN NEW;
END
$$;
CREATE TRIGGER zzz_meddle BEFORE UPDATE ON streamspace_data.session FOR EACH ROW EXECUTE FUNCTION pg_temp.meddle();
SELECT pg_temp.refused('another trigger',
	format($$UPDATE streamspace_data.session SET message = 'x' WHERE session_id = %L$$, (SELECT id FROM x)));
DROP TRIGGER zzz_meddle ON streamspace_data.session;

-- The owner of the table (not subject to row-level security either).
SET LOCAL ROLE streamspace_owner;
GRANT SELECT ON streamspace_data.session TO postgres;
RESET ROLE;
CREATE FUNCTION pg_temp.as_owner(p_sql text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL ROLE streamspace_owner;
	EXECUTE p_sql;
	IF NOT FOUND THEN
		NULL;
	END IF;
	RESET ROLE;
END
$$;
SELECT pg_temp.refused('the owner', format('SELECT pg_temp.as_owner(%L)', format(
	$$UPDATE streamspace_data.session SET state = 'running', deadline_at = NULL, on_deadline = NULL WHERE session_id = %L$$,
	(SELECT id FROM x))));

-- With triggers of replication only (session_replication_role), where an ordinary trigger sleeps.
SET LOCAL session_replication_role = replica;
SELECT pg_temp.refused('replica mode', format(
	$$UPDATE streamspace_data.session SET state = 'running', deadline_at = NULL, on_deadline = NULL WHERE session_id = %L$$,
	(SELECT id FROM x)));
RESET session_replication_role;

-- Controls: other columns change freely, and without the trigger the change goes through.
SELECT lives_ok(format($$UPDATE streamspace_data.session SET message = 'x' WHERE session_id = %L$$, (SELECT id FROM x)),
	'control: a column beside the state changes');
ALTER TABLE streamspace_data.session DISABLE TRIGGER USER;
SELECT lives_ok(format(
	$$UPDATE streamspace_data.session SET state = 'running', deadline_at = NULL, on_deadline = NULL WHERE session_id = %L$$,
	(SELECT id FROM x)), 'control: without the trigger the state changes');

SELECT * FROM finish();
ROLLBACK;
