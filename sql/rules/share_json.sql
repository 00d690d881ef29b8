CREATE FUNCTION streamspace_rules.share_json(p_share text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object('id', h.share_id, 'session', h.session_id, 'user', u.name, 'group', g.name, 'mode', h.mode,
		'expires_at', h.expires_at, 'created_by', h.created_by, 'created_at', h.created_at, 'revision', h.revision)
	INTO v_json
	FROM streamspace_data.session_share AS h
	LEFT JOIN streamspace_data.app_user AS u ON u.org_id = h.org_id AND u.user_id = h.user_id
	LEFT JOIN streamspace_data.user_group AS g ON g.org_id = h.org_id AND g.group_id = h.group_id
	WHERE h.share_id = p_share;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.share_json IS 'A share of a session as callers see it; NULL when it is not there or not visible';
