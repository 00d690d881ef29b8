CREATE FUNCTION streamspace_rules.release(p_ended text[], p_freed text[], p_homes text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_back record;
BEGIN
	IF cardinality(p_ended) = 0 AND cardinality(p_freed) = 0 AND cardinality(p_homes) = 0 THEN
		RETURN;
	END IF;
	-- One call for all: users, groups, organisations and agents are locked in this order.
	SELECT array_agg(b.pool_id) AS pools, array_agg(b.n) AS n, array_agg(b.c) AS c, array_agg(b.m) AS m, array_agg(b.d) AS d
	INTO v_back
	FROM (SELECT x.pool_id, sum(x.sessions)::bigint AS n, sum(x.millicores)::bigint AS c, sum(x.memory_mib)::bigint AS m, sum(x.size_mib)::bigint AS d
		FROM (SELECT p.pool_id, 1 AS sessions, s.millicores, s.memory_mib, 0 AS size_mib FROM streamspace_data.session AS s CROSS JOIN LATERAL unnest(s.pools) AS p (pool_id)
				WHERE s.session_id = ANY (p_ended)
			UNION ALL
			SELECT a.pool_id, 1, s.millicores, s.memory_mib, 0 FROM streamspace_data.session AS s
				JOIN streamspace_data.pool AS a ON a.agent_id = s.agent_id WHERE s.session_id = ANY (p_freed)
			UNION ALL
			SELECT p.pool_id, 0, 0, 0, h.size_mib FROM streamspace_data.home AS h CROSS JOIN LATERAL unnest(h.pools) AS p (pool_id)
				WHERE h.home_id = ANY (p_homes)) AS x
		GROUP BY x.pool_id) AS b;
	IF v_back.pools IS NOT NULL THEN
		PERFORM streamspace_rules.give_pools(v_back.pools, v_back.n, v_back.c, v_back.m, v_back.d);
	END IF;
	IF cardinality(p_freed) > 0 THEN
		PERFORM streamspace_rules.place_pending(100, true);
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.release IS
	'Gives back what sessions used, in the one lock order: users, groups, organisations, agents; then places sessions that wait. p_ended: sessions that are terminated now. p_freed: sessions that gave up their place on their agent. p_homes: homes that are given up now';
