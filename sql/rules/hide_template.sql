-- The caller holds the row of the template.
CREATE FUNCTION streamspace_rules.hide_template(p_org_id integer, p_template_id integer) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_name text;
BEGIN
	UPDATE streamspace_data.template AS t SET deleted_at = v_now, updated_at = v_now,
		restricted = false, access_revision = t.access_revision + 1
	WHERE t.org_id = p_org_id AND t.template_id = p_template_id AND t.deleted_at IS NULL RETURNING t.name INTO v_name;
	IF v_name IS NOT NULL THEN
		DELETE FROM streamspace_data.template_group AS g WHERE g.org_id = p_org_id AND g.template_id = p_template_id;
		PERFORM streamspace_rules.queue_template_command(p_org_id, v_name, NULL);
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.hide_template IS 'Deletes a template: it is hidden, its revisions stay for the sessions that were made from them, its projections go';
