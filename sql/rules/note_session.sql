CREATE FUNCTION streamspace_rules.note_session(p_session text, p_event text, p_actor text, p_details jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
BEGIN
	INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, actor, details)
	SELECT s.org_id, s.session_id, p_event, s.state, s.state, s.revision, p_actor, p_details
	FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	UPDATE streamspace_data.session AS s SET check_at = v_now
	WHERE s.session_id = p_session AND s.state IN ('running', 'hibernated');
END
$$;
COMMENT ON FUNCTION streamspace_rules.note_session IS
	'A rule of one session has changed: written in its history, and the sweep looks at it next. The caller has locked the session';
