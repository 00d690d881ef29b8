CREATE FUNCTION streamspace_rules.check_home_bounds(p_size_mib bigint, p_retention_seconds bigint) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN coalesce(
		CASE WHEN p_size_mib IS NOT NULL THEN streamspace_rules.check_range('/size_mib', p_size_mib, 1, 1073741824) END,
		CASE WHEN p_retention_seconds IS NOT NULL THEN streamspace_rules.check_range('/retention_seconds', p_retention_seconds, -1, 2147483647) END);
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_home_bounds IS 'Refusal for a size or retention that no home may have, else NULL; NULL passes';
