CREATE FUNCTION streamspace_rules.org_json(p_org_id integer) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object('name', o.name, 'display_name', o.display_name, 'created_at', o.created_at, 'updated_at', o.updated_at, 'revision', o.revision,
		'limits', jsonb_build_object('max_sessions', o.max_sessions, 'max_sessions_per_user', o.max_sessions_per_user),
		'usage', jsonb_build_object('sessions', coalesce(g.sessions, 0)))
	INTO v_json
	FROM streamspace_data.org AS o
	LEFT JOIN streamspace_data.usage_org AS g ON g.org_id = o.org_id
	WHERE o.org_id = p_org_id;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.org_json IS 'An organisation as callers see it, with limits and use';
