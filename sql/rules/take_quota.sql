CREATE FUNCTION streamspace_rules.take_quota(p_org_id integer, p_user_id integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_user record;
	v_org record;
BEGIN
	SELECT g.sessions AS used, coalesce(u.max_sessions, o.max_sessions_per_user) AS max INTO v_user
	FROM streamspace_data.usage_user AS g
	JOIN streamspace_data.app_user AS u ON u.org_id = g.org_id AND u.user_id = g.user_id
	JOIN streamspace_data.org AS o ON o.org_id = g.org_id
	WHERE g.org_id = p_org_id AND g.user_id = p_user_id FOR NO KEY UPDATE OF g;
	IF v_user.used >= v_user.max THEN
		RETURN streamspace_rules.refusal('quota_exceeded', jsonb_build_object('scope', 'user', 'limit', v_user.max, 'used', v_user.used));
	END IF;
	SELECT g.sessions AS used, o.max_sessions AS max INTO v_org
	FROM streamspace_data.usage_org AS g
	JOIN streamspace_data.org AS o ON o.org_id = g.org_id
	WHERE g.org_id = p_org_id FOR NO KEY UPDATE OF g;
	IF v_org.used >= v_org.max THEN
		RETURN streamspace_rules.refusal('quota_exceeded', jsonb_build_object('scope', 'org', 'limit', v_org.max, 'used', v_org.used));
	END IF;
	UPDATE streamspace_data.usage_user AS g SET sessions = g.sessions + 1 WHERE g.org_id = p_org_id AND g.user_id = p_user_id;
	UPDATE streamspace_data.usage_org AS g SET sessions = g.sessions + 1 WHERE g.org_id = p_org_id;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.take_quota IS
	'Counts one session more for user and organisation, under the locks of both rows; or refuses quota_exceeded with scope, limit and used, and counts nothing';
