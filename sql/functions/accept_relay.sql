CREATE FUNCTION streamspace.accept_relay(p_ticket_hash bytea, p_replica text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_connection streamspace_data.connection;
	v_verdict text;
BEGIN
	UPDATE streamspace_data.connection AS c SET relay_hash = NULL, relay_replica = NULL, relay_until = NULL
	WHERE c.relay_hash = p_ticket_hash AND c.relay_replica = p_replica AND c.relay_until > v_now AND c.closed_at IS NULL
	RETURNING c.* INTO v_connection;
	IF FOUND THEN
		SELECT j.verdict INTO v_verdict FROM streamspace_rules.judge_viewers(ARRAY[v_connection]) AS j;
	END IF;
	IF v_connection.connection_id IS NULL OR v_verdict IS NOT NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('ticket_invalid'));
	END IF;
	RETURN jsonb_build_object('connection', v_connection.connection_id, 'session', v_connection.session_id,
		'agent', v_connection.agent_id, 'mode', v_connection.mode);
END
$$;
REVOKE ALL ON FUNCTION streamspace.accept_relay FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.accept_relay TO streamspace_api;
COMMENT ON FUNCTION streamspace.accept_relay IS
	'Uses the ticket (p_ticket_hash: its SHA-256) with which another server reaches the agent of a viewer at this one, p_replica: {connection, session, agent, mode}. Errors: ticket_invalid (unknown, used, expired, for another server, or the viewer may no more). For streamspaced only';
