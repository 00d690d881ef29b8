CREATE FUNCTION streamspace_rules.org_json(p_org_id integer) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object('name', o.name, 'display_name', o.display_name, 'created_at', o.created_at, 'updated_at', o.updated_at, 'revision', o.revision,
		'limits', jsonb_build_object('max_sessions', q.j #> '{limits,sessions}', 'max_sessions_per_user', d.j #> '{limits,sessions}'),
		'usage', jsonb_build_object('sessions', q.j #> '{used,sessions}'))
	INTO v_json
	FROM streamspace_data.org AS o
	CROSS JOIN LATERAL (SELECT streamspace_rules.quota_json(f.pool_id) AS j FROM streamspace_rules.find_quota(o.org_id, 'org', NULL) AS f) AS q
	CROSS JOIN LATERAL (SELECT streamspace_rules.quota_json(f.pool_id) AS j FROM streamspace_rules.find_quota(o.org_id, 'user_default', NULL) AS f) AS d
	WHERE o.org_id = p_org_id;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.org_json IS 'An organisation as callers see it, with limits and use';
