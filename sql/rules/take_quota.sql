CREATE FUNCTION streamspace_rules.take_quota(p_org_id integer, p_user_id integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_used integer;
	v_limit integer;
BEGIN
	UPDATE streamspace_data.usage_user AS u SET sessions = u.sessions + 1
	WHERE u.org_id = p_org_id AND u.user_id = p_user_id RETURNING u.sessions INTO v_used;
	SELECT coalesce(u.max_sessions, o.max_sessions_per_user) INTO v_limit
	FROM streamspace_data.app_user AS u JOIN streamspace_data.org AS o ON o.org_id = u.org_id
	WHERE u.org_id = p_org_id AND u.user_id = p_user_id;
	IF v_used > v_limit THEN
		RETURN streamspace_rules.refusal('quota_exceeded',
			jsonb_build_object('scope', 'user', 'limit', v_limit, 'used', v_used - 1));
	END IF;
	UPDATE streamspace_data.usage_org AS o SET sessions = o.sessions + 1
	WHERE o.org_id = p_org_id RETURNING o.sessions INTO v_used;
	SELECT o.max_sessions INTO v_limit FROM streamspace_data.org AS o WHERE o.org_id = p_org_id;
	IF v_used > v_limit THEN
		RETURN streamspace_rules.refusal('quota_exceeded',
			jsonb_build_object('scope', 'org', 'limit', v_limit, 'used', v_used - 1));
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.take_quota IS
	'Counts one session more for user and organisation, under the locks of both rows; refusal quota_exceeded with scope, limit and used. The caller raises it, which takes the count back';
