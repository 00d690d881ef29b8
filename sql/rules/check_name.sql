CREATE FUNCTION streamspace_rules.check_name(p_pointer text, p_name text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_name IS NULL THEN
		RETURN streamspace_rules.invalid(p_pointer, 'is required');
	ELSIF p_name !~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' THEN
		RETURN streamspace_rules.invalid(p_pointer, '1 to 63 lower-case letters, digits and inner hyphens are allowed');
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_name IS 'Refusal for a name that is no label of DNS, else NULL';
