CREATE FUNCTION streamspace_rules.find_template(p_org_id integer, p_user_id integer, p_template text,
	OUT template_id integer, OUT revision integer, OUT spec jsonb, OUT platforms text[], OUT refusal jsonb)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF p_template IS NULL THEN
		refusal := streamspace_rules.invalid('/template', 'is required');
		RETURN;
	END IF;
	SELECT t.template_id, t.revision, r.spec, r.platforms INTO template_id, revision, spec, platforms
	FROM streamspace_data.template AS t
	JOIN streamspace_data.template_revision AS r
		ON r.org_id = t.org_id AND r.template_id = t.template_id AND r.revision = t.revision
	WHERE t.org_id = p_org_id AND t.name = p_template;
	IF streamspace_rules.check_template_access(p_org_id, p_user_id, template_id) IS NOT NULL THEN
		refusal := streamspace_rules.refusal('template_not_found', jsonb_build_object('template', left(p_template, 100)));
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.find_template IS
	'A template at its current revision, as sessions are made from it; refusal when it is not there for the user. p_user_id NULL: an actor who sees all of the organisation';
