CREATE FUNCTION streamspace_rules.decode_cursor(p_cursor text, p_pattern text) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_text text;
BEGIN
	IF p_cursor IS NULL THEN
		RETURN NULL;
	END IF;
	-- only printable ASCII is ever encoded
	IF length(p_cursor) <= 600 AND p_cursor ~ '^([2-7][0-9a-f])+$' THEN
		v_text := convert_from(decode(p_cursor, 'hex'), 'UTF8');
	END IF;
	IF v_text IS NULL OR v_text !~ p_pattern THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/cursor', 'is not a cursor of this list'));
	END IF;
	RETURN v_text;
END
$$;
COMMENT ON FUNCTION streamspace_rules.decode_cursor IS 'Key that a cursor stands for; raises invalid_argument for anything that no list of ours gave out';
