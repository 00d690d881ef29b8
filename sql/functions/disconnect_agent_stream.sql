CREATE FUNCTION streamspace.disconnect_agent_stream(p_agent text, p_stream bigint) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM streamspace_data.agent_stream AS s WHERE s.agent_id = p_agent AND s.stream_id = p_stream;
	RETURN jsonb_build_object('disconnected', FOUND);
END
$$;
REVOKE ALL ON FUNCTION streamspace.disconnect_agent_stream FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.disconnect_agent_stream TO streamspace_api;
COMMENT ON FUNCTION streamspace.disconnect_agent_stream IS
	'Records that the stream socket p_stream of an agent has ended: {disconnected}, false when a newer one has its place. For streamspaced only';
