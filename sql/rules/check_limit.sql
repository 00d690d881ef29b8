CREATE FUNCTION streamspace_rules.check_limit(p_limit integer) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF p_limit IS NULL OR p_limit NOT BETWEEN 1 AND 200 THEN
		RETURN streamspace_rules.invalid('/limit', '1 to 200 are allowed');
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_limit IS 'Refusal for a page size outside 1 to 200, else NULL';
