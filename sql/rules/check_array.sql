CREATE FUNCTION streamspace_rules.check_array(p_pointer text, p_value jsonb, p_max integer) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_value IS NOT NULL THEN
		IF jsonb_typeof(p_value) <> 'array' THEN
			RETURN streamspace_rules.invalid(p_pointer, 'an array is required');
		ELSIF jsonb_array_length(p_value) > p_max THEN
			RETURN streamspace_rules.invalid(p_pointer, format('at most %s elements are allowed', p_max));
		END IF;
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_array IS 'Refusal for a JSON value that is no array or too long, else NULL; SQL NULL passes';
