-- Locks the copies in the order of their organisations; the caller holds the row of the source.
CREATE FUNCTION streamspace_rules.copy_template(p_org_id integer, p_template_id integer, p_identity text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_source record;
	v_copy record;
	v_changed integer := 0;
BEGIN
	SELECT t.deleted_at, r.spec INTO STRICT v_source
	FROM streamspace_data.template AS t
	JOIN streamspace_data.template_revision AS r
		ON r.org_id = t.org_id AND r.template_id = t.template_id AND r.revision = t.revision
	WHERE t.org_id = p_org_id AND t.template_id = p_template_id;
	FOR v_copy IN
		SELECT t.org_id, t.template_id FROM streamspace_data.template_copy AS c
		JOIN streamspace_data.template AS t ON t.org_id = c.org_id AND t.template_id = c.template_id
		WHERE c.source_org_id = p_org_id AND c.source_template_id = p_template_id
		ORDER BY t.org_id FOR NO KEY UPDATE OF t
	LOOP
		IF v_source.deleted_at IS NULL THEN
			v_changed := v_changed + streamspace_rules.write_revision(v_copy.org_id, v_copy.template_id, v_source.spec, p_identity)::integer;
		ELSE
			PERFORM streamspace_rules.hide_template(v_copy.org_id, v_copy.template_id);
			DELETE FROM streamspace_data.template_copy AS c WHERE c.org_id = v_copy.org_id AND c.template_id = v_copy.template_id;
			v_changed := v_changed + 1;
		END IF;
	END LOOP;
	RETURN v_changed;
END
$$;
COMMENT ON FUNCTION streamspace_rules.copy_template IS
	'Makes the copies of a template what it is: its present content, or gone with it. Returns how many changed. Crosses organisations; the caller has checked the right to change the source';
