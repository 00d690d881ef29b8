CREATE FUNCTION streamspace_rules.settle_debt(p_session text, p_agent text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	UPDATE streamspace_data.session AS s SET cleanup_debt = false, updated_at = streamspace_rules.now()
	WHERE s.session_id = p_session AND s.cleanup_debt;
	IF FOUND THEN
		INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, actor)
		SELECT s.org_id, s.session_id, 'cleaned_up', s.state, s.state, s.revision, 'agent:' || p_agent
		FROM streamspace_data.session AS s WHERE s.session_id = p_session;
		PERFORM streamspace_rules.detach_home(p_session);
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.settle_debt IS 'The agent has removed what a session that was terminated by force left behind';
