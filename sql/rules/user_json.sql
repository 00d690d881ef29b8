CREATE FUNCTION streamspace_rules.user_json(p_user_id integer) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object('name', u.name, 'org', o.name, 'role', u.role, 'display_name', u.display_name,
		'active', u.active, 'password_set', u.password_hash IS NOT NULL,
		'created_at', u.created_at, 'updated_at', u.updated_at, 'revision', u.revision,
		'limits', jsonb_build_object('max_sessions', q.max_sessions),
		'usage', jsonb_build_object('sessions', q.sessions))
	INTO v_json
	FROM streamspace_data.app_user AS u
	JOIN streamspace_data.org AS o ON o.org_id = u.org_id
	CROSS JOIN LATERAL streamspace_rules.user_quota(u.org_id, u.user_id) AS q
	WHERE u.user_id = p_user_id;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.user_json IS 'A user as callers see it, with limit and use';
