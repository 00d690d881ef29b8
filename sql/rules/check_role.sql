CREATE FUNCTION streamspace_rules.check_role(p_pointer text, p_role text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_role IS NULL OR p_role NOT IN ('platform_admin', 'org_admin', 'operator', 'user', 'auditor') THEN
		RETURN streamspace_rules.invalid(p_pointer, 'platform_admin, org_admin, operator, user and auditor are allowed');
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_role IS 'Refusal for what is no role, else NULL';
