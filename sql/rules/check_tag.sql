CREATE FUNCTION streamspace_rules.check_tag(p_pointer text, p_tag text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_tag IS NULL OR p_tag !~ '^[a-z0-9]([a-z0-9._:/-]{0,61}[a-z0-9])?$' THEN
		RETURN streamspace_rules.invalid(p_pointer, '1 to 63 lower-case letters and digits, inside also . _ : / -, are required');
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_tag IS 'Refusal for what is no tag, else NULL';
