CREATE FUNCTION streamspace_rules.check_agent_labels(p_pointer text, p_labels jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_key text;
	v_refusal jsonb;
BEGIN
	IF p_labels IS NULL THEN
		RETURN NULL;
	ELSIF jsonb_typeof(p_labels) <> 'object' THEN
		RETURN streamspace_rules.invalid(p_pointer, 'an object is required');
	ELSIF (SELECT count(*) FROM jsonb_object_keys(p_labels)) > 32 THEN
		RETURN streamspace_rules.invalid(p_pointer, 'at most 32 are allowed');
	END IF;
	FOR v_key IN SELECT k.key FROM jsonb_object_keys(p_labels) AS k (key) ORDER BY k.key LOOP
		v_refusal := CASE WHEN v_key !~ '^[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$'
			THEN streamspace_rules.invalid(p_pointer, 'a label is named by 1 to 63 letters, digits and inner . _ / -')
			ELSE streamspace_rules.check_text(p_pointer || '/' || replace(v_key, '/', '~1'), p_labels -> v_key, 63, '^[^[:cntrl:]]*$') END;
		EXIT WHEN v_refusal IS NOT NULL;
	END LOOP;
	RETURN v_refusal;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_agent_labels IS 'Refusal for labels that are no object of at most 32 short strings, else NULL; NULL passes';
