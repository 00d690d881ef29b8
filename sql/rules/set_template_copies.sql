-- Locks in the order of the organisations; the caller holds the row of the source.
CREATE FUNCTION streamspace_rules.set_template_copies(p_org_id integer, p_template_id integer, p_orgs text[], p_identity text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_name text;
	v_missing text;
	v_row record;
	v_copy_id integer;
	v_now timestamptz := streamspace_rules.now();
BEGIN
	SELECT n.name INTO v_missing FROM unnest(p_orgs) AS n (name)
	WHERE NOT EXISTS (SELECT FROM streamspace_data.org AS o WHERE o.name = n.name) ORDER BY n.name LIMIT 1;
	IF v_missing IS NOT NULL THEN
		RETURN streamspace_rules.refusal('org_not_found', jsonb_build_object('org', left(v_missing, 100)));
	END IF;
	SELECT t.name INTO STRICT v_name FROM streamspace_data.template AS t WHERE t.org_id = p_org_id AND t.template_id = p_template_id;
	FOR v_row IN
		SELECT o.org_id, o.name, o.name = ANY (p_orgs) AS wanted, c.template_id AS copy_id
		FROM streamspace_data.org AS o
		LEFT JOIN streamspace_data.template_copy AS c
			ON c.org_id = o.org_id AND c.source_org_id = p_org_id AND c.source_template_id = p_template_id
		WHERE o.name = ANY (p_orgs) OR c.template_id IS NOT NULL ORDER BY o.org_id
	LOOP
		IF v_row.org_id = p_org_id THEN
			RETURN streamspace_rules.invalid('/orgs', 'the organisation that owns the template has it already');
		END IF;
		IF v_row.wanted AND v_row.copy_id IS NULL THEN
			INSERT INTO streamspace_data.template (org_id, name, revision, created_at, updated_at)
			VALUES (v_row.org_id, v_name, 1, v_now, v_now)
			ON CONFLICT ON CONSTRAINT template_name_is_unique_in_its_org DO NOTHING;
			SELECT t.template_id INTO v_copy_id FROM streamspace_data.template AS t
			WHERE t.org_id = v_row.org_id AND t.name = v_name AND (t.deleted_at IS NOT NULL OR NOT EXISTS (
				SELECT FROM streamspace_data.template_revision AS r WHERE r.org_id = t.org_id AND r.template_id = t.template_id))
			FOR NO KEY UPDATE OF t;
			IF NOT FOUND THEN
				RETURN streamspace_rules.refusal('already_exists', jsonb_build_object('org', v_row.name, 'template', v_name));
			END IF;
			INSERT INTO streamspace_data.template_copy (org_id, template_id, source_org_id, source_template_id)
			VALUES (v_row.org_id, v_copy_id, p_org_id, p_template_id);
		ELSIF NOT v_row.wanted THEN
			PERFORM FROM streamspace_data.template AS t
			WHERE t.org_id = v_row.org_id AND t.template_id = v_row.copy_id FOR NO KEY UPDATE;
			PERFORM streamspace_rules.hide_template(v_row.org_id, v_row.copy_id);
			DELETE FROM streamspace_data.template_copy AS c WHERE c.org_id = v_row.org_id AND c.template_id = v_row.copy_id;
		END IF;
	END LOOP;
	PERFORM streamspace_rules.copy_template(p_org_id, p_template_id, p_identity);
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.set_template_copies IS
	'Makes exactly these organisations hold a copy of a template: others lose theirs. Refusal org_not_found, already_exists or invalid_argument, else NULL. Crosses organisations; the caller has checked the right';
