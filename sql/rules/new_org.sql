CREATE FUNCTION streamspace_rules.new_org(p_name text, p_display_name text) RETURNS integer
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_org_id integer;
	v_now timestamptz := streamspace_rules.now();
BEGIN
	INSERT INTO streamspace_data.org (name, display_name, created_at, updated_at)
	VALUES (p_name, coalesce(p_display_name, ''), v_now, v_now)
	ON CONFLICT ON CONSTRAINT org_name_is_unique DO NOTHING
	RETURNING org_id INTO v_org_id;
	RETURN v_org_id;
END
$$;
COMMENT ON FUNCTION streamspace_rules.new_org IS 'Makes an organisation; NULL when the name is taken';
