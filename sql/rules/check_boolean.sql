CREATE FUNCTION streamspace_rules.check_boolean(p_pointer text, p_value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_value IS NOT NULL AND jsonb_typeof(p_value) <> 'boolean' THEN
		RETURN streamspace_rules.invalid(p_pointer, 'true or false is required');
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_boolean IS 'Refusal for a JSON value that is no boolean, else NULL; SQL NULL passes';
