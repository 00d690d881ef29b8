CREATE FUNCTION streamspace.find_waiting_agents(p_replica text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_oldest bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
	v_agents jsonb;
BEGIN
	-- From one agent that has something to the next, over the index: what many wait for is not read.
	WITH RECURSIVE waiting AS (
		SELECT (SELECT min(c.agent_id) FROM streamspace_data.agent_command AS c WHERE c.state = 'pending') AS agent_id
		UNION ALL
		SELECT (SELECT min(c.agent_id) FROM streamspace_data.agent_command AS c WHERE c.state = 'pending' AND c.agent_id > w.agent_id)
		FROM waiting AS w WHERE w.agent_id IS NOT NULL
	)
	SELECT jsonb_agg(w.agent_id) INTO v_agents
	FROM waiting AS w
	JOIN streamspace_data.agent_connection AS n ON n.agent_id = w.agent_id AND n.disconnected_at IS NULL
	JOIN streamspace_data.agent AS a ON a.agent_id = n.agent_id AND a.last_epoch = n.epoch
	WHERE n.replica = left(p_replica, 200) AND a.approval = 'approved'
		AND EXISTS (SELECT FROM streamspace_data.agent_command AS c
			WHERE c.agent_id = w.agent_id AND c.state = 'pending' AND (c.not_before IS NULL OR c.not_before <= v_now)
				AND (a.protocol_version >= 3 OR c.epoch IS NULL OR c.epoch < a.last_epoch))
		AND (a.protocol_version >= 3 OR NOT EXISTS (SELECT FROM streamspace_data.agent_command AS c
			WHERE c.agent_id = w.agent_id AND c.state IN ('sent', 'acked') AND c.epoch = a.last_epoch));
	RETURN jsonb_build_object('oldest', v_oldest, 'agents', coalesce(v_agents, '[]'));
END
$$;
REVOKE ALL ON FUNCTION streamspace.find_waiting_agents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.find_waiting_agents TO streamspace_api;
COMMENT ON FUNCTION streamspace.find_waiting_agents IS
	'Agents connected to a server for which there is something to claim: {oldest, agents}. Everything that a transaction below oldest wrote was seen. For streamspaced only';
