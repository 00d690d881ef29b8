CREATE FUNCTION streamspace_rules.lock_template(p_org_id integer, p_name text,
	OUT template_id integer, OUT revision integer, OUT access_revision bigint, OUT managed boolean, OUT refusal jsonb)
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	SELECT t.template_id, t.revision, t.access_revision INTO template_id, revision, access_revision
	FROM streamspace_data.template AS t WHERE t.org_id = p_org_id AND t.name = p_name FOR NO KEY UPDATE;
	refusal := CASE WHEN p_name IS NULL THEN streamspace_rules.invalid('/template', 'is required')
		WHEN streamspace_rules.check_template_access(p_org_id, NULL, template_id) IS NOT NULL
			THEN streamspace_rules.refusal('template_not_found', jsonb_build_object('template', left(p_name, 100))) END;
	managed := EXISTS (SELECT FROM streamspace_data.template_copy AS c
		WHERE c.org_id = p_org_id AND c.template_id = lock_template.template_id);
END
$$;
COMMENT ON FUNCTION streamspace_rules.lock_template IS 'Locks a template that an administrator changes; refusal when it is not there';
