CREATE FUNCTION streamspace.connect_agent_stream(p_agent text, p_epoch bigint, p_replica text DEFAULT NULL, p_address text DEFAULT NULL,
	p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_key record;
	v_agent streamspace_data.agent;
	v_stream bigint;
BEGIN
	SELECT k.* INTO v_key FROM streamspace_rules.find_agent_key(p_actor) AS k;
	IF v_key.kind <> 'agent' OR v_key.agent_id IS DISTINCT FROM p_agent THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('unauthorized'));
	END IF;
	SELECT a.* INTO STRICT v_agent FROM streamspace_data.agent AS a WHERE a.agent_id = p_agent FOR NO KEY UPDATE;
	IF v_agent.approval <> 'approved' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('unauthorized'));
	ELSIF p_epoch IS DISTINCT FROM v_agent.last_epoch OR NOT EXISTS (SELECT FROM streamspace_data.agent_connection AS c
			WHERE c.agent_id = p_agent AND c.epoch = p_epoch AND c.disconnected_at IS NULL) THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('stale_epoch', jsonb_build_object('agent', p_agent, 'epoch', v_agent.last_epoch)));
	END IF;
	DELETE FROM streamspace_data.agent_stream AS s WHERE s.agent_id = p_agent;
	INSERT INTO streamspace_data.agent_stream (agent_id, epoch, replica, address, connected_at)
	VALUES (p_agent, p_epoch, left(coalesce(p_replica, ''), 200), left(p_address, 200), streamspace_rules.now())
	RETURNING stream_id INTO v_stream;
	RETURN jsonb_build_object('agent', p_agent, 'stream', v_stream);
END
$$;
REVOKE ALL ON FUNCTION streamspace.connect_agent_stream FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.connect_agent_stream TO streamspace_api;
COMMENT ON FUNCTION streamspace.connect_agent_stream IS
	'Records that the agent p_agent, whose key is p_actor, has its stream socket at the server p_replica, which other servers reach at p_address (NULL: they do not): {agent, stream}; it takes the place of an earlier one. p_epoch: of its present connection. Errors: actor_required, unauthorized, stale_epoch. For streamspaced only';
