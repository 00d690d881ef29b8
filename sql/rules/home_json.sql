CREATE FUNCTION streamspace_rules.home_json(p_home text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object('id', h.home_id, 'name', h.name, 'org', o.name, 'owner', u.name, 'template', t.name,
		'size_mib', h.size_mib, 'retention_seconds', h.retention_seconds, 'session', h.session_id, 'agent', l.agent_id,
		'state', streamspace_rules.home_state(h.state, l.agent_id), 'created_at', h.created_at, 'last_used_at', h.last_used_at,
		'delete_at', h.delete_at, 'revision', h.revision)
	INTO v_json
	FROM streamspace_data.home AS h
	JOIN streamspace_data.org AS o ON o.org_id = h.org_id
	JOIN streamspace_data.app_user AS u ON u.org_id = h.org_id AND u.user_id = h.user_id
	LEFT JOIN streamspace_data.template AS t ON t.org_id = h.org_id AND t.template_id = h.template_id
	LEFT JOIN streamspace_data.home_location AS l ON l.org_id = h.org_id AND l.home_id = h.home_id
	WHERE h.home_id = p_home;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.home_json IS 'A home as callers see it; NULL when it is not there or not visible';
