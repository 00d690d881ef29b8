CREATE FUNCTION streamspace_rules.forget_attempts(p_key bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM streamspace_data.login_attempt AS a WHERE a.key = p_key;
END
$$;
COMMENT ON FUNCTION streamspace_rules.forget_attempts IS 'Empties a counter of attempts';
