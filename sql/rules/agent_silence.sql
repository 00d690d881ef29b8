CREATE FUNCTION streamspace_rules.agent_silence(p_connected_at timestamptz, p_heartbeat_at timestamptz) RETURNS interval
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN streamspace_rules.now() - greatest(p_connected_at, p_heartbeat_at, pg_postmaster_start_time());
END
$$;
COMMENT ON FUNCTION streamspace_rules.agent_silence IS
	'How long an agent has been silent; grace counts from the latest of its connection, its last heartbeat and the start of the database server';
