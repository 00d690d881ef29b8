CREATE FUNCTION streamspace_rules.new_id(p_prefix text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_a constant text := '0123456789abcdefghijklmnopqrstuv';
	v_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
BEGIN
	-- Six bytes of each uuid are random; a sign of base64 has 6 bits, of which 5 are kept.
	RETURN p_prefix
		|| substr(v_a, (v_ms >> 45 & 31)::integer + 1, 1) || substr(v_a, (v_ms >> 40 & 31)::integer + 1, 1)
		|| substr(v_a, (v_ms >> 35 & 31)::integer + 1, 1) || substr(v_a, (v_ms >> 30 & 31)::integer + 1, 1)
		|| substr(v_a, (v_ms >> 25 & 31)::integer + 1, 1) || substr(v_a, (v_ms >> 20 & 31)::integer + 1, 1)
		|| substr(v_a, (v_ms >> 15 & 31)::integer + 1, 1) || substr(v_a, (v_ms >> 10 & 31)::integer + 1, 1)
		|| substr(v_a, (v_ms >> 5 & 31)::integer + 1, 1) || substr(v_a, (v_ms & 31)::integer + 1, 1)
		|| translate(encode(substr(uuid_send(gen_random_uuid()), 1, 6) || substr(uuid_send(gen_random_uuid()), 1, 6), 'base64'),
			'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', v_a || v_a);
END
$$;
COMMENT ON FUNCTION streamspace_rules.new_id IS
	'Prefix and 26 lower-case base32 characters: 48 bits of milliseconds, 80 random bits; later ids sort after earlier ones in collation C';
