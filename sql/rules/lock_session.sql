CREATE FUNCTION streamspace_rules.lock_session(p_session text, p_if_revision bigint) RETURNS streamspace_data.session
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_session streamspace_data.session;
BEGIN
	SELECT s.* INTO v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session FOR NO KEY UPDATE;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_session.revision));
	RETURN v_session;
END
$$;
COMMENT ON FUNCTION streamspace_rules.lock_session IS 'Locks a session for a change that a person asks for, and returns it; raises revision_mismatch';
