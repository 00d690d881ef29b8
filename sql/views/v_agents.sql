CREATE VIEW streamspace.v_agents AS
SELECT a.agent_id, a.platform, a.region, a.approval, a.state, a.protocol_version, left(encode(a.key_hash, 'hex'), 8) AS key_prefix,
	a.max_sessions, p.sessions - f.sessions AS active_sessions, h.active_sessions AS reported_sessions, h.status, h.heartbeat_at,
	c.epoch, c.replica, c.instance_id, c.address, c.connected_at, c.inventory_at,
	h.network, s.replica AS stream_replica, s.address AS stream_address, s.connected_at AS stream_at, a.created_at
FROM streamspace_data.agent AS a
JOIN streamspace_data.pool AS p ON p.agent_id = a.agent_id
CROSS JOIN LATERAL (SELECT sum(s.sessions)::bigint AS sessions FROM streamspace_data.pool_slot AS s WHERE s.pool_id = p.pool_id) AS f
LEFT JOIN streamspace_data.agent_heartbeat AS h ON h.agent_id = a.agent_id
LEFT JOIN streamspace_data.agent_connection AS c ON c.agent_id = a.agent_id AND c.disconnected_at IS NULL
LEFT JOIN streamspace_data.agent_stream AS s ON s.agent_id = a.agent_id AND s.epoch = a.last_epoch;
GRANT SELECT ON streamspace.v_agents TO streamspace_dba;
COMMENT ON VIEW streamspace.v_agents IS 'Agents with their open connection, last heartbeat and load, the server that their viewers go through, and whether strangers reach desktops there (network: open, closed, NULL not known)';
