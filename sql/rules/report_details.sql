CREATE FUNCTION streamspace_rules.report_details(p_report jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	IF jsonb_typeof(p_report -> 'details') = 'object' AND length(p_report ->> 'details') <= 16384 THEN
		RETURN p_report -> 'details';
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.report_details IS 'Details of a report of an agent: an object of at most 16 KiB, else NULL';
