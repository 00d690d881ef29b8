CREATE FUNCTION streamspace_rules.is_stricter(p_seconds integer, p_than integer) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN coalesce(p_seconds, 0) <> 0 AND (coalesce(p_than, 0) = 0 OR p_seconds < p_than);
END
$$;
COMMENT ON FUNCTION streamspace_rules.is_stricter IS 'Whether one time limit in seconds is stricter than another; 0 and NULL are none';
