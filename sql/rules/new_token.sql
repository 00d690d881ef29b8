CREATE FUNCTION streamspace_rules.new_token() RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	RETURN encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
END
$$;
COMMENT ON FUNCTION streamspace_rules.new_token IS 'A fresh secret of 64 hexadecimal characters, 256 bits from three random UUIDs (366 random bits)';
