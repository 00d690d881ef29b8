CREATE FUNCTION streamspace_rules.spread_sessions(p_drafts streamspace_data.session[], p_need bigint[], p_blocked text[],
	OUT agents text[], OUT platforms text[])
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_kind record;
	v_found record;
	v_left bigint[];
	v_best integer;
	v_items integer[] := ARRAY[]::integer[];
	v_pools integer[] := ARRAY[]::integer[];
	v_short jsonb[];
	v_points double precision[];
BEGIN
	agents := array_fill(NULL::text, ARRAY[cardinality(p_drafts)]);
	platforms := agents;
	FOR v_kind IN
		SELECT d.org_id, d.placement, d.millicores, d.memory_mib, array_agg(d.ordinality::integer ORDER BY d.ordinality) AS items
		FROM ROWS FROM (unnest(p_drafts)) WITH ORDINALITY AS d WHERE d.session_id IS NOT NULL
		GROUP BY d.org_id, d.placement, d.millicores, d.memory_mib
	LOOP
		v_points := ARRAY(SELECT random() FROM generate_series(1, least(cardinality(v_kind.items) + 1, 8)));
		SELECT array_agg(c.agent_id) AS agents, array_agg(c.platform) AS platforms, array_agg(c.pool_id) AS pools,
			array_agg((SELECT sum(s.sessions)::bigint FROM streamspace_data.pool_slot AS s WHERE s.pool_id = c.pool_id)) AS free
		INTO v_found
		FROM (SELECT DISTINCT x.agent_id, x.platform, x.pool_id FROM unnest(v_points) AS p (point)
			CROSS JOIN LATERAL (SELECT u.* FROM (
				(SELECT f.agent_id, f.platform, f.pool_id
					FROM streamspace_rules.agents_for(v_kind.org_id, v_kind.placement, NULL, v_kind.millicores, v_kind.memory_mib) AS f
					WHERE f.misfit IS NULL AND f.spread >= p.point ORDER BY f.spread LIMIT 2)
				UNION ALL
				(SELECT f.agent_id, f.platform, f.pool_id
					FROM streamspace_rules.agents_for(v_kind.org_id, v_kind.placement, NULL, v_kind.millicores, v_kind.memory_mib) AS f
					WHERE f.misfit IS NULL ORDER BY f.spread LIMIT 2)) AS u LIMIT 2) AS x) AS c
		WHERE c.agent_id <> ALL (p_blocked);
		CONTINUE WHEN v_found.agents IS NULL;
		v_left := v_found.free;
		FOR k IN 1..cardinality(v_kind.items) LOOP
			SELECT l.ordinality INTO v_best FROM unnest(v_left) WITH ORDINALITY AS l (free) ORDER BY l.free DESC LIMIT 1;
			CONTINUE WHEN v_left[v_best] < 1;
			v_left[v_best] := v_left[v_best] - 1;
			agents[v_kind.items[k]] := v_found.agents[v_best];
			platforms[v_kind.items[k]] := v_found.platforms[v_best];
			v_items := v_items || v_kind.items[k];
			v_pools := v_pools || v_found.pools[v_best];
		END LOOP;
	END LOOP;
	IF v_items = '{}' THEN
		RETURN;
	END IF;
	v_short := streamspace_rules.take_pools(v_items, v_pools, p_need);
	FOR k IN 1..cardinality(p_drafts) LOOP
		IF v_short[k] IS NOT NULL THEN
			agents[k] := NULL;
			platforms[k] := NULL;
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION streamspace_rules.spread_sessions IS
	'Takes room for many sessions at once: agents of random points, each session to the one with most room left, and what all of them need of an agent in one step. For each draft its agent and platform, NULL where none was found with room: place_session() looks further. A draft without session_id is passed over';
