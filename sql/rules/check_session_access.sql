CREATE FUNCTION streamspace_rules.check_session_access(p_reach text, p_user_id integer, p_session text, p_need text DEFAULT 'own') RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_session record;
	v_now timestamptz := streamspace_rules.now();
BEGIN
	IF p_session IS NULL THEN
		RETURN streamspace_rules.invalid('/session', 'is required');
	END IF;
	SELECT s.org_id, s.user_id INTO v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	IF FOUND AND (p_reach IN ('org', 'all') OR v_session.user_id = p_user_id) THEN
		RETURN NULL;
	ELSIF v_session.org_id IS NOT NULL AND p_need IN ('view', 'control') AND EXISTS (
		SELECT FROM streamspace_data.session_share AS h
		WHERE h.org_id = v_session.org_id AND h.session_id = p_session AND (p_need = 'view' OR h.mode = 'control')
			AND (h.expires_at IS NULL OR h.expires_at > v_now)
			AND (h.user_id = p_user_id OR h.group_id IN (SELECT m.group_id FROM streamspace_data.group_member AS m
				WHERE m.org_id = h.org_id AND m.user_id = p_user_id)))
	THEN
		RETURN NULL;
	END IF;
	RETURN streamspace_rules.refusal('session_not_found', jsonb_build_object('session', left(p_session, 100)));
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_session_access IS
	'Refusal for a session that the actor may not use, else NULL: with reach own, his own, else those of the organisation. p_need view or control: also one that is shared with him, or with a group of his, in that mode now (control includes view). A foreign session looks like none';
