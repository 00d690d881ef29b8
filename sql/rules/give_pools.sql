-- Any slot will do. One that is free is taken at once; where all are held, the first is waited for, in the one order.
CREATE FUNCTION streamspace_rules.give_pools(p_pools integer[], p_sessions bigint[], p_millicores bigint[], p_memory_mib bigint[], p_storage_mib bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_given integer;
	v_row record;
BEGIN
	IF cardinality(p_pools) = 0 THEN
		RETURN;
	END IF;
	BEGIN
		WITH t AS MATERIALIZED (SELECT n.pool, k.slot, n.s, n.c, n.m, n.d
			FROM unnest(p_pools, p_sessions, p_millicores, p_memory_mib, p_storage_mib) AS n (pool, s, c, m, d)
			CROSS JOIN LATERAL (SELECT x.slot FROM streamspace_data.pool_slot AS x WHERE x.pool_id = n.pool
				LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) AS k)
		UPDATE streamspace_data.pool_slot AS s SET sessions = s.sessions + t.s, millicores = s.millicores + t.c,
			memory_mib = s.memory_mib + t.m, storage_mib = s.storage_mib + t.d
		FROM t WHERE s.pool_id = t.pool AND s.slot = t.slot;
		GET DIAGNOSTICS v_given = ROW_COUNT;
		IF v_given < cardinality(p_pools) THEN
			RAISE EXCEPTION USING ERRCODE = 'SSNXT', MESSAGE = 'every slot is held';
		END IF;
		RETURN;
	EXCEPTION WHEN SQLSTATE 'SSNXT' THEN
		NULL;
	END;
	FOR v_row IN
		SELECT n.* FROM unnest(p_pools, p_sessions, p_millicores, p_memory_mib, p_storage_mib) AS n (pool, s, c, m, d)
		JOIN streamspace_data.pool AS p ON p.pool_id = n.pool
		ORDER BY p.step, p.agent_id, p.pool_id
	LOOP
		UPDATE streamspace_data.pool_slot AS s SET sessions = s.sessions + v_row.s, millicores = s.millicores + v_row.c,
			memory_mib = s.memory_mib + v_row.m, storage_mib = s.storage_mib + v_row.d
		WHERE s.pool_id = v_row.pool AND s.slot = coalesce((SELECT x.slot FROM streamspace_data.pool_slot AS x
			WHERE x.pool_id = v_row.pool LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED), 0);
	END LOOP;
END
$$;
COMMENT ON FUNCTION streamspace_rules.give_pools IS
	'Gives back what was taken from pools; each pool is named once, with sessions, millicores, memory_mib and storage_mib. A pool that is gone gets nothing';
