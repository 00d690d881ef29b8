CREATE FUNCTION streamspace_rules.group_json(p_group_id integer) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object('name', g.name, 'org', o.name, 'display_name', g.display_name, 'members', g.members,
		'created_at', g.created_at, 'updated_at', g.updated_at, 'revision', g.revision)
	INTO v_json
	FROM streamspace_data.user_group AS g JOIN streamspace_data.org AS o ON o.org_id = g.org_id
	WHERE g.group_id = p_group_id;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.group_json IS 'A group as callers see it';
