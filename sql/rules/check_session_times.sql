CREATE FUNCTION streamspace_rules.check_session_times(p_session streamspace_data.session, p_idle_seconds integer, p_max_seconds integer, p_own boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF p_idle_seconds IS NULL AND p_max_seconds IS NULL THEN
		RETURN NULL;
	END IF;
	RETURN coalesce(
		CASE WHEN p_idle_seconds <> 0 THEN streamspace_rules.check_range('/idle_seconds', p_idle_seconds, 60, 31536000) END,
		CASE WHEN p_max_seconds <> 0 THEN streamspace_rules.check_range('/max_seconds', p_max_seconds, 60, 31536000) END,
		CASE WHEN p_own THEN streamspace_rules.check_own_policy(p_session,
			jsonb_build_object('idle_seconds', p_idle_seconds, 'max_seconds', p_max_seconds)) END);
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_session_times IS
	'Refusal for the idle time and maximum duration that a new session (org_id, user_id, template_id, template_revision filled in) is asked for, else NULL; p_own: by who reaches only his own';
