-- Plain SQL and one statement, so that it is planned as a part of the query that asks.
CREATE FUNCTION streamspace_rules.agents_for(p_org_id integer, p_placement jsonb, p_home_agent text, p_millicores bigint, p_memory_mib bigint)
RETURNS TABLE (agent_id text, platform text, spread double precision, pool_id integer, misfit text)
LANGUAGE sql STABLE
AS $$
	SELECT a.agent_id, a.platform, a.spread, p.pool_id, CASE
		WHEN a.approval <> 'approved' THEN 'approval'
		WHEN NOT p_placement -> 'platforms' ? a.platform THEN 'platform'
		WHEN p_placement ->> 'agent' <> a.agent_id THEN 'agent'
		WHEN p_home_agent <> a.agent_id THEN 'home'
		WHEN p_placement ->> 'region' IS DISTINCT FROM a.region AND p_placement ->> 'region' IS NOT NULL THEN 'region'
		WHEN NOT a.labels @> coalesce(p_placement -> 'labels', '{}') THEN 'labels'
		WHEN EXISTS (SELECT FROM streamspace_data.agent_org AS o WHERE o.agent_id = a.agent_id)
			AND NOT EXISTS (SELECT FROM streamspace_data.agent_org AS o WHERE o.agent_id = a.agent_id AND o.org_id = p_org_id) THEN 'org'
		WHEN p.millicores < p_millicores OR p.memory_mib < p_memory_mib THEN 'size'
		WHEN a.state <> 'online' THEN 'offline'
		WHEN a.draining OR EXISTS (SELECT FROM streamspace_data.agent_heartbeat AS h
			WHERE h.agent_id = a.agent_id AND h.epoch = a.last_epoch AND h.status = 'draining') THEN 'draining'
		END
	FROM streamspace_data.agent AS a
	JOIN streamspace_data.pool AS p ON p.agent_id = a.agent_id
$$;
COMMENT ON FUNCTION streamspace_rules.agents_for IS
	'Every agent, and the first reason for which a session cannot run there however much room it has: approval, platform, agent, home, region, labels, org, size, offline, draining; NULL when it can. p_home_agent: where its home lies, NULL for nowhere yet';
