-- The clock of deadlines and sweeps. A test moves it with SET streamspace.clock_offset = '1 hour';
-- the setting counts only where the login itself is a superuser, so that no other login can bend a deadline.
CREATE FUNCTION streamspace_rules.now() RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_offset text := current_setting('streamspace.clock_offset', true);
BEGIN
	IF v_offset IS NULL OR v_offset = '' THEN
		RETURN pg_catalog.now();
	END IF;
	IF EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = session_user AND r.rolsuper) THEN
		RETURN pg_catalog.now() + v_offset::interval;
	END IF;
	RETURN pg_catalog.now();
END
$$;
COMMENT ON FUNCTION streamspace_rules.now IS 'Time of deadlines and sweeps; a superuser may move it with the setting streamspace.clock_offset (an interval)';
