CREATE FUNCTION streamspace.report_activity(p_session text, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
	v_session streamspace_data.session;
	v_now timestamptz := streamspace_rules.now();
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'report_activity', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session, 'control'));
	SELECT s.* INTO v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	-- Near a stop the order counts: whoever has the session first, the sweep or this input.
	IF v_session.warning IS NOT NULL THEN
		v_session := streamspace_rules.lock_session(p_session, NULL);
	END IF;
	IF v_session.state = 'running' THEN
		INSERT INTO streamspace_data.session_activity AS a (org_id, session_id, active_at, kind, actor)
		VALUES (v_session.org_id, p_session, v_now, 'input', left(v_me.identity, 300))
		ON CONFLICT ON CONSTRAINT session_activity_pkey DO UPDATE SET active_at = EXCLUDED.active_at, actor = EXCLUDED.actor
		WHERE a.active_at < EXCLUDED.active_at;
		IF v_session.warning IS NOT NULL THEN
			PERFORM streamspace_rules.review_session(p_session, false);
		END IF;
	END IF;
	RETURN (SELECT jsonb_build_object('session', s.session_id, 'state', s.state, 'active_at', a.active_at, 'warning', s.warning)
		FROM streamspace_data.session AS s
		LEFT JOIN streamspace_data.session_activity AS a ON a.org_id = s.org_id AND a.session_id = s.session_id
		WHERE s.session_id = p_session);
END
$$;
REVOKE ALL ON FUNCTION streamspace.report_activity FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.report_activity TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.report_activity IS
	'Somebody gave input to a running session: idle time counts from now, and a warning of it is withdrawn. For programs that see the input of a person, some seconds apart; not for keeping a session alive, which is extend_session. Who shares control of a session may. Without effect on a session that does not run. Returns {session, state, active_at, warning}. Errors: actor_required, unauthorized, forbidden, scope_required, session_not_found, invalid_argument';
