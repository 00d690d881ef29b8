CREATE FUNCTION streamspace_rules.set_session_times(p_session text, p_idle_seconds integer, p_max_seconds integer, p_identity text, p_own boolean) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_session streamspace_data.session;
	v_policy jsonb := jsonb_strip_nulls(jsonb_build_object('idle_seconds', p_idle_seconds, 'max_seconds', p_max_seconds));
	v_refusal jsonb;
BEGIN
	IF v_policy = '{}' THEN
		RETURN NULL;
	END IF;
	SELECT s.* INTO STRICT v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	v_refusal := streamspace_rules.check_session_times(v_session, p_idle_seconds, p_max_seconds, p_own);
	IF v_refusal IS NULL THEN
		PERFORM streamspace_rules.write_policy(v_session.org_id, 'session', NULL, p_session, v_policy, NULL, p_identity, p_own);
	END IF;
	RETURN v_refusal;
END
$$;
COMMENT ON FUNCTION streamspace_rules.set_session_times IS
	'Idle time and maximum duration that a new session was asked for, as its policy; both NULL: nothing. Refusals invalid_argument, policy_not_stricter';
