CREATE FUNCTION streamspace_rules.check_keys(p_pointer text, p_object jsonb, p_known text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_key text;
BEGIN
	IF p_object IS NULL THEN
		RETURN NULL;
	ELSIF jsonb_typeof(p_object) <> 'object' THEN
		RETURN streamspace_rules.invalid(p_pointer, 'an object is required');
	END IF;
	SELECT k.key INTO v_key FROM jsonb_object_keys(p_object) AS k (key) WHERE k.key <> ALL (p_known) ORDER BY k.key LIMIT 1;
	IF FOUND THEN
		RETURN streamspace_rules.invalid(p_pointer || '/' || replace(replace(left(v_key, 100), '~', '~0'), '/', '~1'), 'is not a known field');
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_keys IS 'Refusal for a value that is no object or has a field that is not known, else NULL; SQL NULL passes';
