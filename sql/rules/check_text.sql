CREATE FUNCTION streamspace_rules.check_text(p_pointer text, p_value jsonb, p_max integer, p_pattern text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_value IS NULL THEN
		RETURN NULL;
	ELSIF jsonb_typeof(p_value) <> 'string' THEN
		RETURN streamspace_rules.invalid(p_pointer, 'a string is required');
	ELSIF length(p_value #>> '{}') > p_max THEN
		RETURN streamspace_rules.invalid(p_pointer, format('at most %s characters are allowed', p_max));
	ELSIF p_pattern IS NOT NULL AND p_value #>> '{}' !~ p_pattern THEN
		RETURN streamspace_rules.invalid(p_pointer, 'does not have the required form');
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_text IS 'Refusal for a JSON value that is no string, too long or of another form, else NULL; SQL NULL passes';
