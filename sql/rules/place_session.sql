CREATE FUNCTION streamspace_rules.place_session(p_org_id integer, p_placement jsonb, p_home_agent text, p_need bigint[],
	p_wait boolean, p_blocked text[], OUT agent_id text, OUT platform text, OUT reason text)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_points double precision[] := ARRAY[random(), random()];
	v_row record;
	v_seen text[] := ARRAY[]::text[];
	v_refusals jsonb[];
BEGIN
	-- Two random points on the ring of agents and the neighbour of each; of them the one with most room.
	FOR v_row IN
		SELECT c.agent_id, c.platform, c.pool_id, (SELECT sum(s.sessions) FROM streamspace_data.pool_slot AS s WHERE s.pool_id = c.pool_id) AS free
		FROM (SELECT DISTINCT x.agent_id, x.platform, x.pool_id FROM unnest(v_points) AS p (point)
			CROSS JOIN LATERAL (SELECT u.* FROM (
				(SELECT f.agent_id, f.platform, f.pool_id
					FROM streamspace_rules.agents_for(p_org_id, p_placement, p_home_agent, p_need[2], p_need[3]) AS f
					WHERE f.misfit IS NULL AND f.spread >= p.point ORDER BY f.spread LIMIT 2)
				UNION ALL
				(SELECT f.agent_id, f.platform, f.pool_id
					FROM streamspace_rules.agents_for(p_org_id, p_placement, p_home_agent, p_need[2], p_need[3]) AS f
					WHERE f.misfit IS NULL ORDER BY f.spread LIMIT 2)) AS u LIMIT 2) AS x) AS c
		ORDER BY 4 DESC, 1
	LOOP
		v_seen := v_seen || v_row.agent_id;
		CONTINUE WHEN v_row.free < 1 OR v_row.agent_id = ANY (p_blocked);
		BEGIN
			v_refusals := streamspace_rules.take_pools(ARRAY[1], ARRAY[v_row.pool_id], p_need, p_wait);
			IF v_refusals[1] IS NOT NULL THEN
				RAISE EXCEPTION USING ERRCODE = 'SSNXT', MESSAGE = 'no room';
			END IF;
			agent_id := v_row.agent_id;
			platform := v_row.platform;
			RETURN;
		EXCEPTION WHEN SQLSTATE 'SSNXT' THEN
			NULL; -- its locks are let go before the next agent is tried
		END;
	END LOOP;
	IF v_seen = '{}' THEN
		reason := 'no_agent_available';
		RETURN;
	END IF;
	reason := 'no_capacity';
	FOR v_row IN
		SELECT f.agent_id, f.platform, f.pool_id
		FROM streamspace_rules.agents_for(p_org_id, p_placement, p_home_agent, p_need[2], p_need[3]) AS f
		CROSS JOIN LATERAL (SELECT sum(s.sessions) AS n, sum(s.millicores) AS c, sum(s.memory_mib) AS m
			FROM streamspace_data.pool_slot AS s WHERE s.pool_id = f.pool_id) AS free
		WHERE f.misfit IS NULL AND f.agent_id <> ALL (p_blocked)
			AND free.n >= p_need[1] AND free.c >= p_need[2] AND free.m >= p_need[3]
		ORDER BY free.n DESC, f.agent_id LIMIT 8
	LOOP
		BEGIN
			v_refusals := streamspace_rules.take_pools(ARRAY[1], ARRAY[v_row.pool_id], p_need, p_wait);
			IF v_refusals[1] IS NOT NULL THEN
				RAISE EXCEPTION USING ERRCODE = 'SSNXT', MESSAGE = 'no room';
			END IF;
			agent_id := v_row.agent_id;
			platform := v_row.platform;
			reason := NULL;
			RETURN;
		EXCEPTION WHEN SQLSTATE 'SSNXT' THEN
			NULL;
		END;
	END LOOP;
END
$$;
COMMENT ON FUNCTION streamspace_rules.place_session IS
	'Takes room on an agent that can run the session: of two random agents and their neighbours the one with most, else any that has it. p_need: {{1, millicores, memory_mib, 0}}; p_wait: whether to wait for what another transaction holds; p_blocked: agents that are kept for others. Without room agent_id is NULL and reason no_agent_available (none can run it) or no_capacity';
