-- The state machine proven by query, and each proof shown to find its flaw.
BEGIN;
SELECT * FROM no_plan();

SELECT is_empty('SELECT * FROM t.transition_flaws()', 'the table has no flaw');
SELECT cmp_ok((SELECT count(*) FROM streamspace_data.session_transition), '>', 20::bigint, 'and it is a table with rows');
SELECT set_eq('SELECT x.to_state FROM streamspace_data.session_transition AS x',
	ARRAY['pending', 'starting', 'running', 'hibernating', 'hibernated', 'waking', 'terminating', 'terminated', 'failed'],
	'its states are the nine of the design');
SELECT ok(EXISTS (SELECT FROM streamspace_data.session_transition AS x WHERE (x.from_state, x.event, x.to_state) = (a, e, b)),
	format('%s -%s-> %s', a, e, b))
  FROM (VALUES ('none', 'create', 'pending'), ('pending', 'place', 'starting'), ('starting', 'report_running', 'running'),
               ('running', 'hibernate', 'hibernating'), ('hibernating', 'report_hibernated', 'hibernated'),
               ('hibernated', 'wake', 'waking'), ('waking', 'report_running', 'running'),
               ('running', 'terminate', 'terminating'), ('terminating', 'report_terminated', 'terminated'),
               ('failed', 'terminate', 'terminating')) AS x (a, e, b);

-- Every way for the clock alone: from each entry by a timer, the last state of the chain.
SELECT is((SELECT x.on_deadline FROM streamspace_data.session_transition AS x WHERE (x.from_state, x.event) = ('none', 'create')),
	'pending_expired', 'a session without a place does not wait for ever');

-- Injected flaws. The CHECKs of the table would refuse some of them, so they go first.
DO $$
DECLARE
	v_name name;
BEGIN
	FOR v_name IN SELECT c.conname FROM pg_constraint AS c
	               WHERE c.conrelid = 'streamspace_data.session_transition'::regclass AND c.contype = 'c' LOOP
		EXECUTE format('ALTER TABLE streamspace_data.session_transition DROP CONSTRAINT %I', v_name);
	END LOOP;
	EXECUTE 'ALTER TABLE streamspace_data.session_transition DISABLE TRIGGER USER';
END
$$;

CREATE FUNCTION pg_temp.finds(p_proof text, p_flaw text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_found text[];
BEGIN
	BEGIN
		EXECUTE p_flaw;
		v_found := ARRAY(SELECT DISTINCT f.proof FROM t.transition_flaws() AS f);
		RAISE EXCEPTION USING ERRCODE = 'UNDO1';
	EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
		NULL;
	END;
	RETURN ok(p_proof = ANY (v_found), format('flaw found: %s', p_proof)) ||
		CASE WHEN p_proof = ANY (v_found) THEN '' ELSE E'\n' || diag(format('%s; found: %s', p_flaw, v_found)) END;
END
$$;

SELECT pg_temp.finds('every state reaches the final one',
	$$DELETE FROM streamspace_data.session_transition WHERE from_state = 'waking'$$);
SELECT pg_temp.finds('every state reaches the final one',
	$$INSERT INTO streamspace_data.session_transition VALUES ('running', 'lose', 'lost', '1 h', 'lose'), ('lost', 'lose', 'lost', '1 h', 'lose')$$);
SELECT pg_temp.finds('every state can be reached',
	$$DELETE FROM streamspace_data.session_transition WHERE to_state = 'waking'$$);
SELECT pg_temp.finds('a waiting state has a deadline',
	$$UPDATE streamspace_data.session_transition SET deadline = NULL, on_deadline = NULL
	   WHERE (from_state, event) = ('hibernated', 'wake')$$);
SELECT pg_temp.finds('the event of a deadline is legal',
	$$UPDATE streamspace_data.session_transition SET on_deadline = 'hibernate_timeout'
	   WHERE (from_state, event) = ('hibernated', 'wake')$$);
SELECT pg_temp.finds('the event of a deadline is legal',
	$$DELETE FROM streamspace_data.session_transition WHERE (from_state, event) = ('starting', 'start_timeout')$$);
SELECT pg_temp.finds('a forced way out from every state',
	$$DELETE FROM streamspace_data.session_transition WHERE (from_state, event) = ('hibernating', 'force_terminate')$$);
SELECT pg_temp.finds('a forced way out from every state',
	$$UPDATE streamspace_data.session_transition SET to_state = 'failed', deadline = '1 h', on_deadline = 'failed_expired'
	   WHERE (from_state, event) = ('running', 'force_terminate')$$);
SELECT pg_temp.finds('a user can end it from every state',
	$$DELETE FROM streamspace_data.session_transition WHERE (from_state, event) = ('failed', 'terminate')$$);
SELECT pg_temp.finds('no way out of the final state',
	$$INSERT INTO streamspace_data.session_transition VALUES ('terminated', 'revive', 'starting', '1 h', 'start_timeout')$$);
SELECT pg_temp.finds('timers do not loop',
	$$UPDATE streamspace_data.session_transition SET to_state = 'waking', deadline = '1 min', on_deadline = 'wake_timeout'
	   WHERE (from_state, event) = ('waking', 'wake_timeout')$$);
SELECT pg_temp.finds('timers do not loop',
	$$UPDATE streamspace_data.session_transition SET to_state = 'starting', deadline = '1 min', on_deadline = 'start_timeout'
	   WHERE (from_state, event) = ('failed', 'failed_expired')$$);
SELECT pg_temp.finds('a session begins in one way',
	$$INSERT INTO streamspace_data.session_transition VALUES ('none', 'conjure', 'running', NULL, NULL)$$);
SELECT pg_temp.finds('timers end in a state that stays',
	$$UPDATE streamspace_data.session_transition SET deadline = NULL, on_deadline = NULL
	   WHERE (from_state, event) = ('failed', 'failed_expired')$$);

SELECT * FROM finish();
ROLLBACK;
