CREATE FUNCTION streamspace_rules.access_json(p_reach text, p_org_id integer, p_name text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object('template', t.name, 'org', o.name,
		'groups', CASE WHEN t.restricted THEN (SELECT coalesce(jsonb_agg(u.name ORDER BY u.name), '[]')
			FROM streamspace_data.template_group AS g
			JOIN streamspace_data.user_group AS u ON u.org_id = g.org_id AND u.group_id = g.group_id
			WHERE g.org_id = t.org_id AND g.template_id = t.template_id) END,
		'published_to', CASE WHEN p_reach = 'all' THEN (SELECT coalesce(jsonb_agg(x.name ORDER BY x.name), '[]')
			FROM streamspace_data.template_copy AS c
			JOIN streamspace_data.template AS n ON n.org_id = c.org_id AND n.template_id = c.template_id AND n.deleted_at IS NULL
			JOIN streamspace_data.org AS x ON x.org_id = c.org_id
			WHERE c.source_org_id = t.org_id AND c.source_template_id = t.template_id) END,
		'managed', EXISTS (SELECT FROM streamspace_data.template_copy AS c WHERE c.org_id = t.org_id AND c.template_id = t.template_id),
		'revision', t.access_revision)
	INTO v_json
	FROM streamspace_data.template AS t
	JOIN streamspace_data.org AS o ON o.org_id = t.org_id
	WHERE t.org_id = p_org_id AND t.name = p_name AND t.deleted_at IS NULL;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.access_json IS
	'Who sees a template, as callers see it: groups (NULL: everybody of the organisation), organisations that hold a copy (for reach all only), whether it is a copy itself; NULL for one that is not there';
