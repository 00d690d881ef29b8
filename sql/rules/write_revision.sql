-- The caller holds the row of the template.
CREATE FUNCTION streamspace_rules.write_revision(p_org_id integer, p_template_id integer, p_spec jsonb, p_identity text) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_template record;
	v_spec jsonb;
	v_now timestamptz := streamspace_rules.now();
BEGIN
	SELECT t.name, t.revision, t.deleted_at INTO STRICT v_template
	FROM streamspace_data.template AS t WHERE t.org_id = p_org_id AND t.template_id = p_template_id;
	SELECT r.spec INTO v_spec FROM streamspace_data.template_revision AS r
	WHERE r.org_id = p_org_id AND r.template_id = p_template_id AND r.revision = v_template.revision;
	IF v_spec = p_spec AND v_template.deleted_at IS NULL THEN
		RETURN false;
	END IF;
	IF v_spec IS NOT NULL THEN
		v_template.revision := v_template.revision + 1;
		UPDATE streamspace_data.template AS t SET revision = v_template.revision, updated_at = v_now, deleted_at = NULL
		WHERE t.org_id = p_org_id AND t.template_id = p_template_id;
	END IF;
	INSERT INTO streamspace_data.template_revision (org_id, template_id, revision, spec, platforms, created_by, created_at)
	VALUES (p_org_id, p_template_id, v_template.revision, p_spec, streamspace_rules.template_platforms(p_spec), p_identity, v_now);
	PERFORM streamspace_rules.queue_template_command(p_org_id, v_template.name, NULL);
	RETURN true;
END
$$;
COMMENT ON FUNCTION streamspace_rules.write_revision IS
	'Gives a template this content: a new revision, unless it has it already; one that was deleted is there again. Whether something changed';
