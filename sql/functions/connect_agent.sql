CREATE FUNCTION streamspace.connect_agent(p_agent text, p_instance text DEFAULT NULL, p_replica text DEFAULT NULL, p_address text DEFAULT NULL,
	p_replace_epoch bigint DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_key record;
	v_agent streamspace_data.agent;
	v_old record;
	v_epoch bigint;
	v_seen timestamptz;
	v_now timestamptz := streamspace_rules.now();
	v_installation uuid;
BEGIN
	SELECT k.* INTO v_key FROM streamspace_rules.find_agent_key(p_actor) AS k;
	IF v_key.kind = 'agent' AND v_key.agent_id IS DISTINCT FROM p_agent THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('unauthorized'));
	END IF;
	SELECT a.* INTO v_agent FROM streamspace_data.agent AS a WHERE a.agent_id = p_agent FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('agent_not_found', jsonb_build_object('agent', left(p_agent, 100))));
	ELSIF v_agent.approval = 'rejected' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('agent_rejected',
			jsonb_build_object('agent', p_agent, 'reason', v_agent.rejection_reason)));
	ELSIF v_agent.approval = 'pending' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('approval_required',
			jsonb_build_object('agent', p_agent, 'key_prefix', left(encode(v_agent.key_hash, 'hex'), 8))));
	ELSIF v_key.kind <> 'agent' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('unauthorized'));
	END IF;

	SELECT c.epoch, c.instance_id, c.replica, c.connected_at INTO v_old
	FROM streamspace_data.agent_connection AS c WHERE c.agent_id = p_agent AND c.disconnected_at IS NULL;
	IF FOUND THEN
		SELECT h.heartbeat_at INTO v_seen FROM streamspace_data.agent_heartbeat AS h WHERE h.agent_id = p_agent;
		IF v_old.instance_id IS DISTINCT FROM p_instance OR p_instance IS NULL THEN
			IF p_replace_epoch IS DISTINCT FROM v_old.epoch
				AND streamspace_rules.agent_silence(v_old.connected_at, v_seen) < interval '90 seconds'
			THEN
				PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('agent_already_connected',
					jsonb_build_object('epoch', v_old.epoch, 'replica', v_old.replica)));
			END IF;
		END IF;
		UPDATE streamspace_data.agent_connection AS c SET disconnected_at = v_now, disconnect_reason = 'replaced'
		WHERE c.agent_id = p_agent AND c.epoch = v_old.epoch;
	END IF;

	v_epoch := greatest(v_agent.last_epoch, streamspace_rules.raise_generation()::bigint << 32) + 1;
	UPDATE streamspace_data.agent AS a SET state = 'online', last_epoch = v_epoch, connected_at = v_now
	WHERE a.agent_id = p_agent;
	INSERT INTO streamspace_data.agent_connection (agent_id, epoch, instance_id, replica, address, connected_at)
	VALUES (p_agent, v_epoch, left(p_instance, 200), left(coalesce(p_replica, ''), 200), left(p_address, 200), v_now);

	-- What the old connection did not finish is claimed again by its lower epoch.
	PERFORM streamspace_rules.place_pending(200);
	PERFORM streamspace_rules.explain_pending(200);
	PERFORM streamspace_rules.ring(p_agent);
	SELECT i.installation_id INTO v_installation FROM streamspace_data.installation AS i;
	RETURN jsonb_build_object('agent', p_agent, 'epoch', v_epoch, 'protocol_version', v_agent.protocol_version,
		'platform', v_agent.platform, 'heartbeat_seconds', CASE WHEN v_agent.protocol_version >= 3 THEN 15 ELSE 30 END,
		'replaced_epoch', v_old.epoch, 'installation_id', v_installation);
END
$$;
REVOKE ALL ON FUNCTION streamspace.connect_agent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.connect_agent TO streamspace_api;
COMMENT ON FUNCTION streamspace.connect_agent IS
	'Admits a connection of an agent and fences every earlier one: {agent, epoch, protocol_version, platform, heartbeat_seconds, replaced_epoch, installation_id}. p_instance: random id of the agent process, the same one replaces its old connection at once; for another, p_replace_epoch names the connection that was found dead. p_actor: SHA-256 of the key of the agent. Errors: actor_required, unauthorized, agent_not_found, approval_required, agent_rejected, agent_already_connected (epoch, replica). For streamspaced only';
