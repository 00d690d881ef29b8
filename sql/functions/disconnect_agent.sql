CREATE FUNCTION streamspace.disconnect_agent(p_agent text, p_epoch bigint, p_reason text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_closed boolean;
BEGIN
	-- Nobody waits for this to be durable: an end that a crash takes back is found by the silence of the agent.
	PERFORM set_config('synchronous_commit', 'off', true);
	PERFORM FROM streamspace_data.agent AS a WHERE a.agent_id = p_agent FOR NO KEY UPDATE;
	UPDATE streamspace_data.agent_connection AS c SET disconnected_at = streamspace_rules.now(), disconnect_reason = left(p_reason, 500)
	WHERE c.agent_id = p_agent AND c.epoch = p_epoch AND c.disconnected_at IS NULL;
	v_closed := FOUND;
	IF v_closed THEN
		UPDATE streamspace_data.agent AS a SET state = 'offline' WHERE a.agent_id = p_agent AND a.last_epoch = p_epoch;
	END IF;
	RETURN jsonb_build_object('disconnected', v_closed);
END
$$;
REVOKE ALL ON FUNCTION streamspace.disconnect_agent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.disconnect_agent TO streamspace_api;
COMMENT ON FUNCTION streamspace.disconnect_agent IS
	'Records that a connection of an agent has ended: {disconnected}, false when it had been replaced or closed before. Its sessions stay as they are. For streamspaced only';
