CREATE FUNCTION streamspace_rules.check_password_hash(p_hash text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_hash IS NULL OR length(p_hash) > 512 OR p_hash !~ '^\$argon2id\$v=[0-9]+\$m=[0-9]+,t=[0-9]+,p=[0-9]+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$' THEN
		RETURN streamspace_rules.invalid('/password_hash', 'an encoded argon2id hash is required');
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_password_hash IS 'Refusal for what is no encoded argon2id hash, else NULL';
