CREATE FUNCTION streamspace_rules.session_action(p_state text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN CASE p_state
		WHEN 'starting' THEN 'start_session'
		WHEN 'running' THEN 'start_session'
		WHEN 'waking' THEN 'wake_session'
		WHEN 'hibernating' THEN 'hibernate_session'
		WHEN 'hibernated' THEN 'hibernate_session'
		WHEN 'failed' THEN 'stop_session'
		WHEN 'terminating' THEN 'stop_session'
		WHEN 'terminated' THEN 'stop_session'
	END;
END
$$;
COMMENT ON FUNCTION streamspace_rules.session_action IS 'Action of the command that makes a state true; NULL where none does';
