CREATE FUNCTION streamspace_rules.check_pattern(p_pointer text, p_pattern text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_pattern ~ '\\[0-9]' THEN
		RETURN streamspace_rules.invalid(p_pointer, 'may not refer back to a group');
	END IF;
	PERFORM 'x' ~ ('^(?:' || p_pattern || ')$');
	RETURN NULL;
EXCEPTION WHEN invalid_regular_expression THEN
	RETURN streamspace_rules.invalid(p_pointer, 'is not a regular expression');
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_pattern IS 'Refusal for a text that is no regular expression (POSIX, advanced), or one with back references, else NULL';
