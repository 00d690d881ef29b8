CREATE FUNCTION streamspace_rules.duration_seconds(p_duration text) RETURNS integer
LANGUAGE plpgsql IMMUTABLE
AS $$
BEGIN
	RETURN left(p_duration, -1)::bigint * CASE right(p_duration, 1) WHEN 'h' THEN 3600 WHEN 'm' THEN 60 WHEN 's' THEN 1 END;
END
$$;
COMMENT ON FUNCTION streamspace_rules.duration_seconds IS 'Seconds of a duration of a template, such as 45m; NULL for NULL';
