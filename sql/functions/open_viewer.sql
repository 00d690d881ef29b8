CREATE FUNCTION streamspace.open_viewer(p_session text, p_ticket_hash bytea, p_replica text, p_address text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_ticket streamspace_data.viewer_ticket;
	v_session streamspace_data.session;
	v_new streamspace_data.connection;
	v_verdict text;
	v_stream record;
	v_relay text;
BEGIN
	-- Of two who come with the same ticket one deletes it, and the other finds nothing.
	DELETE FROM streamspace_data.viewer_ticket AS t WHERE t.ticket_hash = p_ticket_hash AND t.session_id = p_session
	RETURNING t.* INTO v_ticket;
	IF NOT FOUND OR v_ticket.expires_at <= v_now THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('ticket_invalid'));
	END IF;
	-- Locked, so that the bound of its viewers is exact and nobody stops it unseen.
	SELECT s.* INTO STRICT v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session FOR NO KEY UPDATE;
	v_new.org_id := v_session.org_id;
	v_new.connection_id := streamspace_rules.new_id('c-');
	v_new.session_id := p_session;
	v_new.owner_id := v_session.user_id;
	v_new.user_org_id := v_ticket.user_org_id;
	v_new.user_id := v_ticket.user_id;
	v_new.credential_id := v_ticket.credential_id;
	v_new.viewer := v_ticket.viewer;
	v_new.mode := v_ticket.mode;
	v_new.agent_id := v_session.agent_id;
	v_new.run_at := v_session.state_at;
	v_new.replica := left(coalesce(p_replica, ''), 200);
	v_new.address := left(p_address, 200);
	v_new.opened_at := v_now;
	v_new.reviewed_at := v_now;
	v_new.received := 0;
	v_new.sent := 0;
	v_new.revision := 1;
	SELECT j.verdict INTO v_verdict FROM streamspace_rules.judge_viewers(ARRAY[v_new]) AS j;
	IF v_verdict IN ('logged_out', 'access_revoked') THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('ticket_invalid'));
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_viewable(v_session));
	SELECT s.replica, s.address, a.protocol_version INTO STRICT v_stream
	FROM streamspace_data.agent_stream AS s JOIN streamspace_data.agent AS a ON a.agent_id = s.agent_id
	WHERE s.agent_id = v_session.agent_id;
	IF v_stream.replica <> v_new.replica THEN
		IF v_stream.address IS NULL THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('agent_unreachable',
				jsonb_build_object('session', p_session, 'agent', v_session.agent_id)));
		END IF;
		v_relay := streamspace_rules.new_token();
		v_new.relay_hash := streamspace_rules.hash_token(v_relay);
		v_new.relay_replica := v_stream.replica;
		v_new.relay_until := v_now + interval '5 seconds';
	END IF;
	INSERT INTO streamspace_data.connection VALUES (v_new.*);
	PERFORM streamspace_rules.write_audit(v_session.org_id, v_ticket.viewer, 'open_viewer', jsonb_build_object('connection', v_new.connection_id,
		'session', p_session, 'mode', v_new.mode, 'address', v_new.address), NULL, p_session);
	RETURN jsonb_build_object('connection', v_new.connection_id, 'session', p_session, 'mode', v_new.mode, 'agent', v_session.agent_id,
		'protocol_version', v_stream.protocol_version, 'local', v_relay IS NULL, 'relay', CASE WHEN v_relay IS NOT NULL
			THEN jsonb_build_object('replica', v_stream.replica, 'address', v_stream.address, 'ticket', v_relay) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.open_viewer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.open_viewer TO streamspace_api;
COMMENT ON FUNCTION streamspace.open_viewer IS
	'Uses a ticket (p_ticket_hash: its SHA-256) to open a viewer of p_session at the server p_replica, from p_address: {connection, session, mode, agent, protocol_version, local, relay}. What the ticket was given for is asked again. relay: {replica, address, ticket} when another server holds the stream of the agent, for accept_relay there, once and within 5 seconds. Errors: ticket_invalid (unknown, used, expired, of another session, or its holder may no more), session_not_running, viewer_unsupported, agent_unreachable, too_many_viewers. For streamspaced only';
