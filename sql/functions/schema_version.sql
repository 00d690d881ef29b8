CREATE FUNCTION streamspace.schema_version() RETURNS text
LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN 'agent_tokens';
END
$$;
REVOKE ALL ON FUNCTION streamspace.schema_version FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.schema_version TO streamspace_api, streamspace_dba, streamspace_monitor;
COMMENT ON FUNCTION streamspace.schema_version IS
	'The last change of migrations/sqitch.plan that these functions are made for';
