CREATE FUNCTION streamspace.register_agent(p_agent text, p_platform text, p_region text DEFAULT NULL, p_capacity jsonb DEFAULT NULL,
	p_metadata jsonb DEFAULT NULL, p_protocol_version integer DEFAULT NULL, p_key_hash text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_key record;
	v_token_agent text;
	v_token text;
	v_agent streamspace_data.agent;
	v_key_hash bytea;
	v_version integer := CASE WHEN p_protocol_version >= 3 THEN 3 ELSE 2 END;
	v_max integer;
	v_now timestamptz := streamspace_rules.now();
	v_created boolean := false;
BEGIN
	v_token_agent := streamspace_rules.find_agent_token(p_actor);
	IF v_token_agent IS NOT NULL THEN
		SELECT 'token' AS kind, v_token_agent AS agent_id INTO v_key;
	ELSE
		SELECT k.* INTO v_key FROM streamspace_rules.find_agent_key(p_actor) AS k;
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		CASE WHEN p_agent IS NULL OR p_agent !~ '^[A-Za-z0-9._-]{3,100}$'
			THEN streamspace_rules.invalid('/agentId', '3 to 100 letters, digits, dots, underscores and hyphens are allowed') END,
		CASE WHEN p_platform IS NULL OR p_platform NOT IN ('process', 'kubernetes', 'docker', 'vm', 'cloud')
			THEN streamspace_rules.invalid('/platform', 'process, kubernetes, docker, vm and cloud are allowed') END,
		CASE WHEN length(p_region) > 100 THEN streamspace_rules.invalid('/region', 'at most 100 characters are allowed') END,
		CASE WHEN jsonb_typeof(p_capacity) NOT IN ('object', 'null') THEN streamspace_rules.invalid('/capacity', 'an object is required') END,
		CASE WHEN length(p_capacity::text) > 4096 THEN streamspace_rules.invalid('/capacity', 'at most 4 KiB are allowed') END,
		streamspace_rules.check_integer('/capacity/maxSessions', p_capacity -> 'maxSessions', 0, 1000000),
		CASE WHEN jsonb_typeof(p_metadata) NOT IN ('object', 'null') THEN streamspace_rules.invalid('/metadata', 'an object is required') END,
		CASE WHEN length(p_metadata::text) > 16384 THEN streamspace_rules.invalid('/metadata', 'at most 16 KiB are allowed') END,
		CASE WHEN p_key_hash !~ '^[0-9a-f]{64}$' THEN streamspace_rules.invalid('/keyHash', '64 hexadecimal characters are required') END));
	IF v_key.kind IN ('agent', 'token') AND v_key.agent_id <> p_agent THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('unauthorized'));
	END IF;
	v_key_hash := decode(p_key_hash, 'hex');
	-- The token is not kept as a key: what it opened stays open by the key that the agent made.
	IF v_key.kind = 'token' AND (v_key_hash IS NULL OR v_key_hash = p_actor) THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/keyHash', 'the SHA-256 of a key that the agent made itself is required'));
	END IF;
	v_max := coalesce(streamspace_rules.json_bigint(p_capacity -> 'maxSessions')::integer, 10);

	-- Only a bootstrap key or a token can come here for an agent that is not known yet.
	INSERT INTO streamspace_data.agent (agent_id, platform, region, protocol_version, key_hash, max_sessions, capacity, metadata, created_at, updated_at)
	VALUES (p_agent, p_platform, p_region, v_version, v_key_hash, v_max,
		CASE WHEN jsonb_typeof(p_capacity) = 'object' THEN p_capacity ELSE '{}' END,
		CASE WHEN jsonb_typeof(p_metadata) = 'object' THEN p_metadata ELSE '{}' END, v_now, v_now)
	ON CONFLICT ON CONSTRAINT agent_pkey DO NOTHING;
	v_created := FOUND;
	SELECT a.* INTO STRICT v_agent FROM streamspace_data.agent AS a WHERE a.agent_id = p_agent FOR NO KEY UPDATE;

	IF v_key.kind = 'token' THEN
		v_token := streamspace_rules.use_agent_token(p_actor, p_agent);
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.set_agent_key(p_agent, v_key_hash));
		-- Who came with another key until now is another process: its connection counts no more.
		IF v_agent.approval = 'approved' AND v_agent.key_hash IS DISTINCT FROM v_key_hash THEN
			UPDATE streamspace_data.agent_connection AS c SET disconnected_at = v_now, disconnect_reason = 'enrolled again'
			WHERE c.agent_id = p_agent AND c.disconnected_at IS NULL;
			UPDATE streamspace_data.agent AS a SET last_epoch = a.last_epoch + 1, state = 'offline' WHERE a.agent_id = p_agent;
			PERFORM streamspace_rules.ring(p_agent);
		END IF;
		UPDATE streamspace_data.agent AS a SET approval = 'approved', rejection_reason = NULL, approved_at = v_now, platform = p_platform,
			key_hash = v_key_hash, revision = a.revision + CASE WHEN v_created THEN 0 ELSE 1 END
		WHERE a.agent_id = p_agent;
		v_agent.approval := 'approved';
		v_agent.key_hash := v_key_hash;
	ELSIF v_agent.approval = 'rejected' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('agent_rejected',
			jsonb_build_object('agent', p_agent, 'reason', v_agent.rejection_reason)));
	END IF;
	IF v_key_hash IS DISTINCT FROM v_agent.key_hash AND NOT (v_key.kind = 'agent' AND v_key_hash IS NULL)
		AND (v_key.kind = 'agent' OR v_agent.approval <> 'pending')
	THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('key_mismatch', jsonb_build_object('agent', p_agent)));
	END IF;
	-- The bootstrap key changes nothing of an agent that was approved.
	IF v_key.kind IN ('agent', 'token') OR v_agent.approval = 'pending' THEN
		IF v_key.kind = 'bootstrap' AND v_key_hash IS NOT NULL THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.set_agent_key(p_agent, v_key_hash));
		END IF;
		UPDATE streamspace_data.agent AS a SET
			platform = CASE WHEN a.approval = 'pending' THEN p_platform ELSE a.platform END,
			region = p_region,
			protocol_version = v_version,
			key_hash = CASE WHEN v_key.kind = 'bootstrap' THEN v_key_hash ELSE a.key_hash END,
			max_sessions = CASE WHEN p_capacity -> 'maxSessions' IS NOT NULL THEN v_max ELSE a.max_sessions END,
			capacity = CASE WHEN jsonb_typeof(p_capacity) = 'object' THEN p_capacity ELSE a.capacity END,
			metadata = CASE WHEN jsonb_typeof(p_metadata) = 'object' THEN p_metadata ELSE a.metadata END,
			updated_at = v_now
		WHERE a.agent_id = p_agent;
	END IF;
	PERFORM streamspace_rules.finish_call('agent:' || p_agent, NULL, 'register_agent',
		jsonb_build_object('agent', p_agent, 'platform', p_platform, 'with', v_key.kind, 'token', v_token, 'protocol_version', v_version), NULL, p_agent, NULL);
	RETURN jsonb_build_object('agent', streamspace_rules.agent_json(p_agent, true),
		'approval_status', v_agent.approval, 'created', v_created);
END
$$;
REVOKE ALL ON FUNCTION streamspace.register_agent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.register_agent TO streamspace_api;
COMMENT ON FUNCTION streamspace.register_agent IS
	'Registers an agent, or brings its record up to date: {agent, approval_status, created}. p_actor: SHA-256 of the bootstrap key, of a one-time token for this agent (create_agent_token) or of the key of this agent. p_key_hash: 64 hexadecimal characters, SHA-256 of the key that the agent made itself; NULL for an agent that has none. A new agent is pending until an administrator approves it; one that comes with a token is approved by it, with the key whose hash it sends, and the token is used. Errors: actor_required, unauthorized, agent_rejected, key_mismatch, invalid_argument. For streamspaced only';
