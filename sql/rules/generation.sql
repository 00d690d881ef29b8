CREATE FUNCTION streamspace_rules.generation() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_installation record;
BEGIN
	SELECT i.generation, i.server_started_at INTO v_installation FROM streamspace_data.installation AS i;
	IF NOT FOUND THEN
		-- somebody took the row away: that, too, is to be written down
		RETURN coalesce((SELECT max(h.generation) FROM streamspace_data.audit_horizon AS h), 1);
	END IF;
	IF v_installation.server_started_at = pg_postmaster_start_time() THEN
		RETURN v_installation.generation;
	END IF;
	RETURN streamspace_rules.raise_generation();
END
$$;
COMMENT ON FUNCTION streamspace_rules.generation IS
	'Restore generation of now. Only after a start of PostgreSQL that no sweep has seen yet it costs a look at the control file';
