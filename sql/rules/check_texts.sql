CREATE FUNCTION streamspace_rules.check_texts(p_pointer text, p_value jsonb, p_max integer, p_length integer, p_pattern text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_refusal jsonb := streamspace_rules.check_array(p_pointer, p_value, p_max);
BEGIN
	IF v_refusal IS NULL AND p_value IS NOT NULL THEN
		FOR i IN 0..jsonb_array_length(p_value) - 1 LOOP
			v_refusal := streamspace_rules.check_text(p_pointer || '/' || i, p_value -> i, p_length, p_pattern);
			EXIT WHEN v_refusal IS NOT NULL;
		END LOOP;
	END IF;
	RETURN v_refusal;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_texts IS 'Refusal for a JSON value that is no array of strings within bounds, else NULL; SQL NULL passes';
