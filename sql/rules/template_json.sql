CREATE FUNCTION streamspace_rules.template_json(p_org_id integer, p_name text, p_revision integer DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object('name', t.name, 'org', o.name, 'revision', r.revision, 'platforms', to_jsonb(r.platforms),
		'spec', r.spec,
		'managed', EXISTS (SELECT FROM streamspace_data.template_copy AS c WHERE c.org_id = t.org_id AND c.template_id = t.template_id),
		'created_at', t.created_at, 'updated_at', r.created_at)
	INTO v_json
	FROM streamspace_data.template AS t
	JOIN streamspace_data.org AS o ON o.org_id = t.org_id
	JOIN streamspace_data.template_revision AS r
		ON r.org_id = t.org_id AND r.template_id = t.template_id AND r.revision = coalesce(p_revision, t.revision)
	WHERE t.org_id = p_org_id AND t.name = p_name AND t.deleted_at IS NULL;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.template_json IS 'A template as callers see it, at its current or a given revision; NULL for one that is not there. managed: a copy that follows a template of another organisation';
