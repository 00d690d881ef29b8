CREATE FUNCTION streamspace.schema_version() RETURNS text
LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_served text[] := streamspace_rules.schema_versions();
BEGIN
	RETURN v_served[cardinality(v_served)];
END
$$;
REVOKE ALL ON FUNCTION streamspace.schema_version FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.schema_version TO streamspace_api, streamspace_dba, streamspace_monitor;
COMMENT ON FUNCTION streamspace.schema_version IS
	'The last change of migrations/sqitch.plan that these functions are made for';
