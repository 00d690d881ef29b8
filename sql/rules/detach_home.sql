-- The session is locked by the caller, usage is not yet: a home comes between the two.
CREATE FUNCTION streamspace_rules.detach_home(p_session text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
BEGIN
	UPDATE streamspace_data.home AS h SET session_id = NULL, last_used_at = v_now,
		delete_at = v_now + h.retention_seconds * interval '1 second', revision = h.revision + 1, updated_at = v_now
	WHERE h.session_id = p_session;
END
$$;
COMMENT ON FUNCTION streamspace_rules.detach_home IS 'A session that has ended, and that its agent has stopped, lets its home go: the next may have it, and its retention begins';
