CREATE FUNCTION streamspace_rules.change_session(p_identity text, p_session text, p_event text, p_if_revision bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_event record;
BEGIN
	PERFORM streamspace_rules.lock_session(p_session, p_if_revision);
	SELECT e.* INTO v_event FROM streamspace_rules.apply_event(p_session, p_event, p_identity) AS e;
	PERFORM streamspace_rules.raise_refusal(v_event.refusal);
	RETURN streamspace_rules.session_json(p_session);
END
$$;
COMMENT ON FUNCTION streamspace_rules.change_session IS
	'An event that a person asks for; the caller has checked the access; raises its refusal, revision_mismatch too; returns the session';
