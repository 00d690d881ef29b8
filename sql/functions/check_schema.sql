CREATE FUNCTION streamspace.check_schema(p_expected text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_served text[] := streamspace_rules.schema_versions();
BEGIN
	RETURN jsonb_build_object(
		'version', v_served[cardinality(v_served)],
		'oldest', v_served[1],
		'served', coalesce(p_expected = ANY (v_served), false));
END
$$;
REVOKE ALL ON FUNCTION streamspace.check_schema FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.check_schema TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.check_schema IS
	'Whether a server that was built for the change p_expected of migrations/sqitch.plan can work with this database: {version, oldest, served}. version: the change that is installed; oldest: the oldest one whose servers are still served';
