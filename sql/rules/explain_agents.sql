CREATE FUNCTION streamspace_rules.explain_agents(p_org_id integer, p_placement jsonb, p_home_agent text, p_millicores bigint, p_memory_mib bigint,
	p_since timestamptz, p_session text, p_full boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_agents jsonb;
	v_chosen text;
BEGIN
	SELECT coalesce(jsonb_agg(jsonb_build_object('agent', x.agent_id, 'verdict', CASE WHEN x.failed IS NULL THEN 'fits' ELSE 'refused' END,
			'constraint', x.failed, 'detail', CASE WHEN NOT p_full OR x.failed IS NULL THEN '{}' ELSE x.detail END) ORDER BY x.agent_id), '[]'),
		(array_agg(x.agent_id ORDER BY x.free DESC, x.agent_id) FILTER (WHERE x.failed IS NULL))[1]
	INTO v_agents, v_chosen
	FROM (SELECT f.agent_id, r.n AS free, c.failed, CASE c.failed
				WHEN 'approval' THEN jsonb_build_object('approval', a.approval)
				WHEN 'platform' THEN jsonb_build_object('asked', p_placement -> 'platforms', 'has', a.platform)
				WHEN 'agent' THEN jsonb_build_object('asked', p_placement -> 'agent')
				WHEN 'home' THEN jsonb_build_object('asked', p_home_agent)
				WHEN 'region' THEN jsonb_build_object('asked', p_placement -> 'region', 'has', a.region)
				WHEN 'labels' THEN jsonb_build_object('asked', p_placement -> 'labels', 'has', a.labels)
				WHEN 'size' THEN jsonb_build_object('millicores', p_millicores, 'limit_millicores', p.millicores,
					'memory_mib', p_memory_mib, 'limit_memory_mib', p.memory_mib)
				WHEN 'offline' THEN jsonb_build_object('state', a.state)
				WHEN 'sessions' THEN jsonb_build_object('asked', 1, 'free', r.n, 'limit', p.sessions)
				WHEN 'millicores' THEN jsonb_build_object('asked', p_millicores, 'free', r.c, 'limit', p.millicores)
				WHEN 'memory_mib' THEN jsonb_build_object('asked', p_memory_mib, 'free', r.m, 'limit', p.memory_mib)
				ELSE '{}'::jsonb END AS detail
		FROM streamspace_rules.agents_for(p_org_id, p_placement, p_home_agent, p_millicores, p_memory_mib) AS f
		JOIN streamspace_data.agent AS a ON a.agent_id = f.agent_id
		JOIN streamspace_data.pool AS p ON p.pool_id = f.pool_id
		CROSS JOIN LATERAL (SELECT sum(s.sessions)::bigint AS n, sum(s.millicores)::bigint AS c, sum(s.memory_mib)::bigint AS m
			FROM streamspace_data.pool_slot AS s WHERE s.pool_id = f.pool_id) AS r
		CROSS JOIN LATERAL (SELECT coalesce(f.misfit,
			CASE WHEN r.n < 1 THEN 'sessions' WHEN r.c < p_millicores THEN 'millicores' WHEN r.m < p_memory_mib THEN 'memory_mib'
				WHEN EXISTS (SELECT FROM streamspace_data.session AS w
					CROSS JOIN LATERAL streamspace_rules.agents_for(w.org_id, w.placement, NULL, w.millicores, w.memory_mib) AS g
					WHERE w.state = 'pending' AND w.reason = 'no_capacity' AND g.agent_id = f.agent_id AND g.misfit IS NULL
						AND (p_since IS NULL OR (w.created_at, w.session_id) < (p_since, p_session))) THEN 'others_wait' END) AS failed) AS c) AS x;
	RETURN jsonb_build_object('agents', v_agents, 'chosen', v_chosen);
END
$$;
COMMENT ON FUNCTION streamspace_rules.explain_agents IS
	'Of every agent whether a session fits there now, else the first constraint that fails; detail only with p_full. p_since and p_session: when and as what it began to wait, NULL for one that is not made yet. chosen: the one with most room, of those that fit';
