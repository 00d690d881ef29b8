CREATE FUNCTION streamspace_rules.agent_json(p_agent text, p_full boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	IF NOT p_full THEN
		RETURN (SELECT jsonb_build_object('id', a.agent_id, 'platform', a.platform, 'state', a.state)
			FROM streamspace_data.agent AS a WHERE a.agent_id = p_agent);
	END IF;
	SELECT jsonb_build_object(
			'id', a.agent_id, 'platform', a.platform, 'region', a.region, 'approval', a.approval, 'state', a.state,
			'protocol_version', a.protocol_version, 'key_prefix', left(encode(a.key_hash, 'hex'), 8),
			'max_sessions', a.max_sessions, 'active_sessions', t.terms #> '{used,sessions}',
			'last_heartbeat_at', h.heartbeat_at, 'network', h.network, 'connected_at', a.connected_at, 'created_at', a.created_at, 'revision', a.revision) || t.terms
	INTO v_json
	FROM streamspace_data.agent AS a
	CROSS JOIN LATERAL (SELECT streamspace_rules.agent_terms(a.agent_id)) AS t (terms)
	LEFT JOIN streamspace_data.agent_heartbeat AS h ON h.agent_id = a.agent_id
	WHERE a.agent_id = p_agent;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.agent_json IS 'An agent as callers see it: all of it for platform administrators, else id, platform and state';
