-- Locks: the sessions by SKIP LOCKED, before anything else of the sweep's transaction that another session's call could wait for.
CREATE FUNCTION streamspace_rules.sweep_timers(p_limit integer, OUT counts jsonb, OUT ended text[], OUT freed text[])
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_session text;
	v_one record;
	v_done text[] := '{}'::text[];
	v_failed integer := 0;
	v_free integer;
BEGIN
	ended := '{}';
	freed := '{}';
	-- To most no rule can apply: they are let go together.
	WITH due AS (
		SELECT s.org_id, s.session_id, s.state, s.template_id, s.template_revision, s.warning FROM streamspace_data.session AS s
		WHERE s.check_at <= v_now ORDER BY s.check_at LIMIT p_limit * 4 FOR NO KEY UPDATE SKIP LOCKED
	)
	UPDATE streamspace_data.session AS s SET check_at = NULL
	FROM due AS d
	WHERE s.session_id = d.session_id AND d.state IN ('running', 'hibernated') AND d.warning IS NULL
		AND NOT EXISTS (SELECT FROM streamspace_data.session_schedule AS c WHERE c.org_id = d.org_id AND c.session_id = d.session_id)
		AND (d.state = 'hibernated' OR NOT EXISTS (SELECT FROM streamspace_data.policy AS p WHERE p.org_id = d.org_id)
			AND NOT EXISTS (SELECT FROM streamspace_data.template_revision AS r WHERE r.org_id = d.org_id AND r.template_id = d.template_id
				AND r.revision = d.template_revision AND r.spec ?| ARRAY['idleTimeout', 'maxSessionDuration']));
	GET DIAGNOSTICS v_free = ROW_COUNT;
	FOR v_session IN
		WITH due AS (
			SELECT s.session_id, s.check_at FROM streamspace_data.session AS s
			WHERE s.check_at <= v_now ORDER BY s.check_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
		)
		SELECT d.session_id FROM due AS d ORDER BY d.check_at
	LOOP
		-- One session that cannot be judged must not stop the sweep for all, nor be the first in every sweep.
		BEGIN
			SELECT r.* INTO v_one FROM streamspace_rules.review_session(v_session, true) AS r;
			v_done := array_append(v_done, v_one.done);
			ended := ended || v_one.ended;
			freed := freed || v_one.freed;
		EXCEPTION WHEN OTHERS THEN
			RAISE WARNING 'the rules of session % cannot be applied: %', v_session, SQLERRM;
			UPDATE streamspace_data.session AS s SET check_at = v_now + interval '5 minutes' WHERE s.session_id = v_session;
			v_failed := v_failed + 1;
		END;
	END LOOP;
	counts := jsonb_build_object('checked', v_free + cardinality(v_done), 'checks_failed', v_failed,
		'warned', cardinality(array_positions(v_done, 'warned')), 'hibernated', cardinality(array_positions(v_done, 'hibernate')),
		'terminated', cardinality(array_positions(v_done, 'terminate')), 'woken', cardinality(array_positions(v_done, 'wake')),
		'retried', cardinality(array_positions(v_done, 'retry')));
END
$$;
COMMENT ON FUNCTION streamspace_rules.sweep_timers IS
	'Idle time, maximum duration, schedules and retries of at most p_limit sessions whose check_at has come, oldest first. counts: checked, checks_failed, warned, hibernated, terminated, woken, retried; the caller passes ended and freed to release()';
