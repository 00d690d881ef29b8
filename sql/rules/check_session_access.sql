CREATE FUNCTION streamspace_rules.check_session_access(p_reach text, p_user_id integer, p_session text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_owner integer;
BEGIN
	IF p_session IS NULL THEN
		RETURN streamspace_rules.invalid('/session', 'is required');
	END IF;
	SELECT s.user_id INTO v_owner FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	IF NOT FOUND OR (p_reach = 'own' AND v_owner IS DISTINCT FROM p_user_id) THEN
		RETURN streamspace_rules.refusal('session_not_found', jsonb_build_object('session', left(p_session, 100)));
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_session_access IS
	'Refusal for a session that the actor may not use: with reach own, his own, else those of the organisation. A foreign session looks like none';
