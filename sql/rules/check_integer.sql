CREATE FUNCTION streamspace_rules.check_integer(p_pointer text, p_value jsonb, p_min bigint, p_max bigint) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_value IS NOT NULL THEN
		IF jsonb_typeof(p_value) <> 'number' OR p_value::numeric <> trunc(p_value::numeric) OR p_value::numeric NOT BETWEEN p_min AND p_max THEN
			RETURN streamspace_rules.invalid(p_pointer, format('an integer from %s to %s is required', p_min, p_max));
		END IF;
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_integer IS 'Refusal for a JSON value that is no integer of the range, else NULL; SQL NULL passes';
