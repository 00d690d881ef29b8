CREATE FUNCTION streamspace_rules.check_hash(p_pointer text, p_hash bytea) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_hash IS NULL OR octet_length(p_hash) <> 32 THEN
		RETURN streamspace_rules.invalid(p_pointer, 'a SHA-256 of 32 bytes is required');
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_hash IS 'Refusal for what is no SHA-256, else NULL';
