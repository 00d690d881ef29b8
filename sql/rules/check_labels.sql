CREATE FUNCTION streamspace_rules.check_labels(p_name text, p_tags text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
	v_refusal jsonb;
BEGIN
	IF length(p_name) > 200 THEN
		RETURN streamspace_rules.invalid('/name', 'at most 200 characters are allowed');
	ELSIF p_name ~ '[[:cntrl:]]' THEN
		RETURN streamspace_rules.invalid('/name', 'control characters are not allowed');
	ELSIF cardinality(p_tags) > 32 THEN
		RETURN streamspace_rules.invalid('/tags', 'at most 32 elements are allowed');
	END IF;
	FOR i IN 1..coalesce(cardinality(p_tags), 0) LOOP
		v_refusal := streamspace_rules.check_tag('/tags/' || i - 1, p_tags[i]);
		EXIT WHEN v_refusal IS NOT NULL;
	END LOOP;
	RETURN v_refusal;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_labels IS 'Refusal for a name or tags that a session may not have, else NULL; NULL and an empty name pass';
