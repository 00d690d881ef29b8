CREATE FUNCTION streamspace_rules.check_home_name(p_pointer text, p_name text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_name ~ '^[hs]-[0-9a-z]{26}$' THEN
		RETURN streamspace_rules.invalid(p_pointer, 'looks like an id');
	END IF;
	RETURN streamspace_rules.check_name(p_pointer, p_name);
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_home_name IS 'Refusal for what a home may not be called: no label of DNS, or one that could be an id; else NULL';
