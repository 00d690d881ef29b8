CREATE FUNCTION streamspace_rules.agent_json(p_agent text, p_full boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT CASE WHEN p_full THEN jsonb_build_object(
			'id', a.agent_id, 'platform', a.platform, 'region', a.region, 'approval', a.approval, 'state', a.state,
			'protocol_version', a.protocol_version, 'key_prefix', left(encode(a.key_hash, 'hex'), 8),
			'max_sessions', a.max_sessions, 'active_sessions', streamspace_rules.pool_use(l.pool_id) -> 'sessions',
			'last_heartbeat_at', h.heartbeat_at, 'connected_at', a.connected_at, 'created_at', a.created_at)
		ELSE jsonb_build_object('id', a.agent_id, 'platform', a.platform, 'state', a.state) END
	INTO v_json
	FROM streamspace_data.agent AS a
	CROSS JOIN LATERAL streamspace_rules.agent_pool(a.agent_id) AS l (pool_id)
	LEFT JOIN streamspace_data.agent_heartbeat AS h ON h.agent_id = a.agent_id
	WHERE a.agent_id = p_agent;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.agent_json IS 'An agent as callers see it: all of it for platform administrators, else id, platform and state';
