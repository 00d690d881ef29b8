CREATE FUNCTION streamspace_rules.check_range(p_pointer text, p_value bigint, p_min bigint, p_max bigint) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_value IS NULL OR p_value NOT BETWEEN p_min AND p_max THEN
		RETURN streamspace_rules.invalid(p_pointer, format('%s to %s are allowed', p_min, p_max));
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_range IS 'Refusal for a number that is missing or out of range, else NULL';
