-- The first slot is never deleted: who holds it has the pool, and the rest is seen as the last holder left it.
CREATE FUNCTION streamspace_rules.lock_pool(p_pool_id integer, p_wait boolean DEFAULT true) RETURNS bigint[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_locked integer;
BEGIN
	IF p_wait THEN
		PERFORM FROM streamspace_data.pool_slot AS s WHERE s.pool_id = p_pool_id AND s.slot = 0 FOR NO KEY UPDATE;
		PERFORM FROM streamspace_data.pool_slot AS s WHERE s.pool_id = p_pool_id ORDER BY s.slot FOR NO KEY UPDATE;
	ELSE
		PERFORM FROM streamspace_data.pool_slot AS s WHERE s.pool_id = p_pool_id AND s.slot = 0 FOR NO KEY UPDATE SKIP LOCKED;
		IF NOT FOUND THEN
			RETURN NULL;
		END IF;
		PERFORM FROM streamspace_data.pool_slot AS s WHERE s.pool_id = p_pool_id ORDER BY s.slot FOR NO KEY UPDATE SKIP LOCKED;
		GET DIAGNOSTICS v_locked = ROW_COUNT;
		IF v_locked < (SELECT count(*) FROM streamspace_data.pool_slot AS s WHERE s.pool_id = p_pool_id) THEN
			RETURN NULL;
		END IF;
	END IF;
	RETURN (SELECT ARRAY[sum(s.sessions), sum(s.millicores), sum(s.memory_mib), sum(s.storage_mib)]::bigint[]
		FROM streamspace_data.pool_slot AS s WHERE s.pool_id = p_pool_id);
END
$$;
COMMENT ON FUNCTION streamspace_rules.lock_pool IS
	'Locks all slots of a pool in their order and returns what is free: sessions, millicores, memory_mib, storage_mib. Without p_wait NULL when another transaction holds one; the locks that were taken then stay until the caller''s block is rolled back';
