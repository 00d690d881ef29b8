-- The session is locked by the caller. tick() is the only one with p_act.
CREATE FUNCTION streamspace_rules.review_session(p_session text, p_act boolean, OUT done text, OUT ended text[], OUT freed text[])
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_session streamspace_data.session;
	v_next record;
	v_stop_at timestamptz;
	v_warning jsonb;
	v_event record;
BEGIN
	done := 'nothing';
	ended := '{}';
	freed := '{}';
	SELECT s.* INTO STRICT v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	SELECT p.* INTO v_next FROM streamspace_rules.session_plan(p_session) AS p ORDER BY p.at LIMIT 1;
	v_warning := v_session.warning;
	v_stop_at := v_next.at;

	IF v_warning IS NOT NULL AND (v_next.rule IS DISTINCT FROM v_warning ->> 'rule' OR v_next.action IS DISTINCT FROM v_warning ->> 'action'
		OR v_next.at > (v_warning ->> 'at')::timestamptz)
	THEN
		INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, actor, details)
		VALUES (v_session.org_id, p_session, 'warning_withdrawn', v_session.state, v_session.state, v_session.revision + 1, 'system', v_warning);
		v_warning := NULL;
		done := 'withdrawn';
	END IF;
	IF v_warning IS NOT NULL THEN
		v_stop_at := (v_warning ->> 'at')::timestamptz;
	ELSIF v_next.lead > '0' AND v_now >= v_next.at - v_next.lead THEN
		-- Who was not warned in time, because nobody swept, has half of it all the same.
		v_stop_at := greatest(v_next.at, v_now + v_next.lead / 2);
		v_warning := jsonb_build_object('at', v_stop_at, 'action', v_next.action, 'rule', v_next.rule);
		INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, reason, actor, details)
		VALUES (v_session.org_id, p_session, 'warned', v_session.state, v_session.state, v_session.revision + 1, v_next.rule, 'system',
			v_warning || jsonb_build_object('source', v_next.source));
		done := 'warned';
	END IF;

	IF p_act AND v_stop_at <= v_now THEN
		SELECT e.* INTO v_event FROM streamspace_rules.apply_event(p_session, v_next.action, 'rule:' || v_next.rule,
			nullif(v_next.rule, 'retry'), streamspace_rules.stop_message(v_next.rule, v_next.seconds, v_next.source),
			jsonb_build_object('rule', v_next.rule, 'source', v_next.source), false) AS e;
		PERFORM streamspace_rules.raise_refusal(v_event.refusal);
		ended := v_event.ended;
		freed := v_event.freed;
		done := v_next.action;
		RETURN;
	END IF;

	UPDATE streamspace_data.session AS s SET warning = v_warning,
		check_at = CASE WHEN NOT p_act THEN v_now
			WHEN v_warning IS NOT NULL THEN v_stop_at ELSE v_next.at - v_next.lead END
	WHERE s.session_id = p_session;
END
$$;
COMMENT ON FUNCTION streamspace_rules.review_session IS
	'Brings the warning of a session up to date, and with p_act does what is due and says in check_at when to look again. done: nothing, warned, withdrawn, or the action; the caller passes ended and freed to release()';
