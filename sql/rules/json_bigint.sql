CREATE FUNCTION streamspace_rules.json_bigint(p_value jsonb) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF jsonb_typeof(p_value) = 'number' AND p_value::numeric BETWEEN 0 AND 9007199254740991 THEN
		RETURN trunc(p_value::numeric)::bigint;
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.json_bigint IS 'Number of a JSON value from 0 to 2^53-1, else NULL: what an agent sends never raises';
