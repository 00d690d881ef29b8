-- Fast: one slot of every pool that suffices, none of them waited for. Slow: pool after pool in the one order, all slots.
CREATE FUNCTION streamspace_rules.take_pools(p_items integer[], p_pools integer[], p_need bigint[], p_wait boolean DEFAULT true) RETURNS jsonb[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_n integer := array_length(p_need, 1);
	v_refusals jsonb[];
	v_ids integer[];
	v_slots integer[];
	v_passed boolean[];
	v_taken integer;
	v_s bigint[];
	v_c bigint[];
	v_m bigint[];
	v_d bigint[];
	v_free bigint[];
	v_pair record;
	v_short jsonb;
	v_slot integer;
BEGIN
	IF v_n = 1 THEN
		v_ids := p_pools;
		v_s := array_fill(p_need[1][1], ARRAY[cardinality(v_ids)]);
		v_c := array_fill(p_need[1][2], ARRAY[cardinality(v_ids)]);
		v_m := array_fill(p_need[1][3], ARRAY[cardinality(v_ids)]);
		v_d := array_fill(p_need[1][4], ARRAY[cardinality(v_ids)]);
	ELSE
		SELECT array_agg(x.pool), array_agg(x.s), array_agg(x.c), array_agg(x.m), array_agg(x.d) INTO v_ids, v_s, v_c, v_m, v_d
		FROM (SELECT i.pool, sum(p_need[i.item][1])::bigint AS s, sum(p_need[i.item][2])::bigint AS c,
				sum(p_need[i.item][3])::bigint AS m, sum(p_need[i.item][4])::bigint AS d
			FROM unnest(p_items, p_pools) AS i (item, pool) GROUP BY i.pool) AS x;
	END IF;
	v_refusals := array_fill(NULL::jsonb, ARRAY[v_n]);

	-- A slot that was locked and then found too small stays locked: only the end of the block lets it go.
	BEGIN
		-- Looked up once for each pool: as a part of the join it would be looked up for each slot, and find another one each time.
		WITH t AS MATERIALIZED (SELECT n.pool, k.slot, n.s, n.c, n.m, n.d FROM unnest(v_ids, v_s, v_c, v_m, v_d) AS n (pool, s, c, m, d)
			CROSS JOIN LATERAL (SELECT x.slot FROM streamspace_data.pool_slot AS x
				WHERE x.pool_id = n.pool AND NOT x.tight AND x.sessions >= n.s AND x.millicores >= n.c
					AND x.memory_mib >= n.m AND x.storage_mib >= n.d
				LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) AS k)
		UPDATE streamspace_data.pool_slot AS s SET sessions = s.sessions - t.s, millicores = s.millicores - t.c,
			memory_mib = s.memory_mib - t.m, storage_mib = s.storage_mib - t.d
		FROM t WHERE s.pool_id = t.pool AND s.slot = t.slot;
		GET DIAGNOSTICS v_taken = ROW_COUNT;
		IF v_taken < cardinality(v_ids) THEN
			RAISE EXCEPTION USING ERRCODE = 'SSNXT', MESSAGE = 'no slot suffices';
		END IF;
		RETURN v_refusals;
	EXCEPTION WHEN SQLSTATE 'SSNXT' THEN
		NULL;
	END;

	SELECT array_agg(p.pool_id ORDER BY p.step, p.agent_id, p.pool_id), array_agg(n.s ORDER BY p.step, p.agent_id, p.pool_id),
		array_agg(n.c ORDER BY p.step, p.agent_id, p.pool_id), array_agg(n.m ORDER BY p.step, p.agent_id, p.pool_id),
		array_agg(n.d ORDER BY p.step, p.agent_id, p.pool_id)
	INTO v_ids, v_s, v_c, v_m, v_d
	FROM unnest(v_ids, v_s, v_c, v_m, v_d) AS n (pool, s, c, m, d)
	JOIN streamspace_data.pool AS p ON p.pool_id = n.pool;
	FOR k IN 1..coalesce(cardinality(v_ids), 0) LOOP
		v_slot := NULL;
		BEGIN
			UPDATE streamspace_data.pool_slot AS s SET sessions = s.sessions - v_s[k], millicores = s.millicores - v_c[k],
				memory_mib = s.memory_mib - v_m[k], storage_mib = s.storage_mib - v_d[k]
			WHERE s.pool_id = v_ids[k] AND s.slot = (SELECT x.slot FROM streamspace_data.pool_slot AS x
				WHERE x.pool_id = v_ids[k] AND NOT x.tight AND x.sessions >= v_s[k] AND x.millicores >= v_c[k]
					AND x.memory_mib >= v_m[k] AND x.storage_mib >= v_d[k]
				LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
			RETURNING s.slot INTO v_slot;
			IF v_slot IS NULL THEN
				RAISE EXCEPTION USING ERRCODE = 'SSNXT', MESSAGE = 'no slot suffices';
			END IF;
		EXCEPTION WHEN SQLSTATE 'SSNXT' THEN
			NULL;
		END;
		v_slots[k] := v_slot;
		IF v_slot IS NULL THEN
			v_free := streamspace_rules.lock_pool(v_ids[k], p_wait);
			v_passed[k] := v_free IS NULL;
			v_s[k] := coalesce(v_free[1], -1);
			v_c[k] := coalesce(v_free[2], -1);
			v_m[k] := coalesce(v_free[3], -1);
			v_d[k] := coalesce(v_free[4], -1);
		END IF;
	END LOOP;

	-- Item by item, from what is free of each of its pools.
	FOR i IN 1..v_n LOOP
		v_short := NULL;
		FOR v_pair IN
			SELECT array_position(v_ids, x.pool) AS k FROM unnest(p_items, p_pools) AS x (item, pool)
			WHERE x.item = i AND x.pool = ANY (v_ids) ORDER BY 1
		LOOP
			v_short := CASE
				WHEN p_need[i][1] > v_s[v_pair.k] AND p_need[i][1] > 0 THEN jsonb_build_object('resource', 'sessions', 'free', v_s[v_pair.k])
				WHEN p_need[i][2] > v_c[v_pair.k] AND p_need[i][2] > 0 THEN jsonb_build_object('resource', 'millicores', 'free', v_c[v_pair.k])
				WHEN p_need[i][3] > v_m[v_pair.k] AND p_need[i][3] > 0 THEN jsonb_build_object('resource', 'memory_mib', 'free', v_m[v_pair.k])
				WHEN p_need[i][4] > v_d[v_pair.k] AND p_need[i][4] > 0 THEN jsonb_build_object('resource', 'storage_mib', 'free', v_d[v_pair.k])
				END;
			IF v_short IS NOT NULL THEN
				v_refusals[i] := v_short || jsonb_build_object('pool', v_ids[v_pair.k]);
				EXIT;
			END IF;
		END LOOP;
		CONTINUE WHEN v_short IS NOT NULL;
		FOR v_pair IN
			SELECT array_position(v_ids, x.pool) AS k FROM unnest(p_items, p_pools) AS x (item, pool)
			WHERE x.item = i AND x.pool = ANY (v_ids)
		LOOP
			v_s[v_pair.k] := v_s[v_pair.k] - p_need[i][1];
			v_c[v_pair.k] := v_c[v_pair.k] - p_need[i][2];
			v_m[v_pair.k] := v_m[v_pair.k] - p_need[i][3];
			v_d[v_pair.k] := v_d[v_pair.k] - p_need[i][4];
		END LOOP;
	END LOOP;
	FOR k IN 1..coalesce(cardinality(v_ids), 0) LOOP
		IF v_slots[k] IS NULL THEN
			CONTINUE WHEN v_passed[k];
			PERFORM streamspace_rules.share_out(v_ids[k], ARRAY[v_s[k], v_c[k], v_m[k], v_d[k]], p_need[v_n:v_n]);
		ELSIF v_s[k] > 0 OR v_c[k] > 0 OR v_m[k] > 0 OR v_d[k] > 0 THEN
			UPDATE streamspace_data.pool_slot AS s SET sessions = s.sessions + v_s[k], millicores = s.millicores + v_c[k],
				memory_mib = s.memory_mib + v_m[k], storage_mib = s.storage_mib + v_d[k]
			WHERE s.pool_id = v_ids[k] AND s.slot = v_slots[k];
		END IF;
	END LOOP;
	RETURN v_refusals;
END
$$;
COMMENT ON FUNCTION streamspace_rules.take_pools IS
	'Takes what items need from pools, all of an item or nothing of it, earlier items first. p_items and p_pools: pairs, an item and a pool that it is counted in; p_need: for each item sessions, millicores, memory_mib, storage_mib. Returns for each item NULL, or what was too little: {pool, resource, free}. Exact: refuses only what does not fit when every slot is locked. Without p_wait what another transaction holds counts as not free';
