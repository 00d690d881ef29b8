CREATE FUNCTION streamspace_rules.hash_token(p_token text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN sha256(convert_to(p_token, 'UTF8'));
END
$$;
COMMENT ON FUNCTION streamspace_rules.hash_token IS 'SHA-256 of the characters of a token, as the server hashes the header that it gets';
