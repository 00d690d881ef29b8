CREATE FUNCTION streamspace_rules.resize_pool(p_pool_id integer, p_limits jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_pool streamspace_data.pool;
	v_free bigint[] := streamspace_rules.lock_pool(p_pool_id);
	v_none constant bigint := streamspace_rules.no_limit();
	v_new streamspace_data.pool;
BEGIN
	SELECT p.* INTO STRICT v_pool FROM streamspace_data.pool AS p WHERE p.pool_id = p_pool_id FOR NO KEY UPDATE;
	v_new := jsonb_populate_record(v_pool, p_limits);
	v_free := ARRAY[
		v_free[1] + coalesce(v_new.sessions, v_none) - coalesce(v_pool.sessions, v_none),
		v_free[2] + coalesce(v_new.millicores, v_none) - coalesce(v_pool.millicores, v_none),
		v_free[3] + coalesce(v_new.memory_mib, v_none) - coalesce(v_pool.memory_mib, v_none),
		v_free[4] + coalesce(v_new.storage_mib, v_none) - coalesce(v_pool.storage_mib, v_none)];
	-- Small limits gain nothing from many slots: most takers would have to look at all of them.
	v_new.slots := CASE v_pool.kind WHEN 'user_default' THEN 1 ELSE least(16, greatest(1, coalesce(v_new.sessions, v_none) / 8)) END;
	UPDATE streamspace_data.pool AS p SET slots = v_new.slots, sessions = v_new.sessions, millicores = v_new.millicores,
		memory_mib = v_new.memory_mib, storage_mib = v_new.storage_mib, session_millicores = v_new.session_millicores,
		session_memory_mib = v_new.session_memory_mib, session_storage_mib = v_new.session_storage_mib
	WHERE p.pool_id = p_pool_id;
	DELETE FROM streamspace_data.pool_slot AS s WHERE s.pool_id = p_pool_id AND s.slot >= v_new.slots;
	INSERT INTO streamspace_data.pool_slot (pool_id, slot, sessions, millicores, memory_mib, storage_mib)
	SELECT p_pool_id, i, 0, 0, 0, 0 FROM generate_series(1, v_new.slots - 1) AS i
	ON CONFLICT ON CONSTRAINT pool_slot_pkey DO NOTHING;
	IF v_pool.kind <> 'user_default' THEN
		PERFORM streamspace_rules.share_out(p_pool_id, v_free, ARRAY[1, 500, 512, 1]);
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.resize_pool IS
	'Gives a pool new limits; a key that p_limits lacks keeps its limit, null is none. What is used stays used: below that the pool is tight until enough was given back';
