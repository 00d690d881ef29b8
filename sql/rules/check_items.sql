CREATE FUNCTION streamspace_rules.check_items(p_items jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_items IS NULL OR jsonb_typeof(p_items) <> 'array' THEN
		RETURN streamspace_rules.invalid('/items', 'an array is required');
	ELSIF jsonb_array_length(p_items) > 5000 THEN
		RETURN streamspace_rules.invalid('/items', 'at most 5000 elements are allowed');
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_items IS 'Refusal for the argument of a batch that is no array of at most 5000 elements, else NULL';
