CREATE FUNCTION streamspace_rules.new_id(p_prefix text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_alphabet constant text := '0123456789abcdefghijklmnopqrstuv';
	v_ms bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
	v_random bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
	v_id text := '';
BEGIN
	FOR i IN 0..9 LOOP
		v_id := substr(v_alphabet, (v_ms & 31)::integer + 1, 1) || v_id;
		v_ms := v_ms >> 5;
	END LOOP;
	FOR i IN 0..15 LOOP
		v_id := v_id || substr(v_alphabet, (get_byte(v_random, i) & 31) + 1, 1);
	END LOOP;
	RETURN p_prefix || v_id;
END
$$;
COMMENT ON FUNCTION streamspace_rules.new_id IS
	'Prefix and 26 lower-case base32 characters: 48 bits of milliseconds, 80 random bits; later ids sort after earlier ones in collation C';
