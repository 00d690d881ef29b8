-- pg_snapshot_xmax() would not do: it counts from the newest transaction that has ended, so one that began later and still runs
-- may lie above it. The id that is taken here is above all that were given out before.
CREATE FUNCTION streamspace.take_horizon() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN pg_current_xact_id()::text::bigint;
END
$$;
REVOKE ALL ON FUNCTION streamspace.take_horizon FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.take_horizon TO streamspace_api;
COMMENT ON FUNCTION streamspace.take_horizon IS
	'Number of a transaction above every one that has written so far; they have all ended once find_waiting_agents says a greater oldest. For streamspaced only';
