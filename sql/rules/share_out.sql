-- All slots of the pool are locked by the caller.
CREATE FUNCTION streamspace_rules.share_out(p_pool_id integer, p_free bigint[], p_portion bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_parts bigint;
	v_tight boolean := 0 > ANY (p_free);
BEGIN
	-- No smaller parts than one taker needs: what is left of a pool that is nearly used up lies in few slots.
	SELECT least(p.slots, v.parts) INTO v_parts
	FROM streamspace_data.pool AS p, (SELECT greatest(1, coalesce(min(x.free / x.portion) FILTER (WHERE x.portion > 0), 64)) AS parts
		FROM unnest(p_free, p_portion) AS x (free, portion)) AS v
	WHERE p.pool_id = p_pool_id;
	UPDATE streamspace_data.pool_slot AS s SET
		tight = v_tight,
		sessions = CASE WHEN v_tight THEN CASE s.slot WHEN 0 THEN p_free[1] ELSE 0 END
			WHEN s.slot < v_parts THEN p_free[1] / v_parts + (s.slot < p_free[1] % v_parts)::integer ELSE 0 END,
		millicores = CASE WHEN v_tight THEN CASE s.slot WHEN 0 THEN p_free[2] ELSE 0 END
			WHEN s.slot < v_parts THEN p_free[2] / v_parts + (s.slot < p_free[2] % v_parts)::integer ELSE 0 END,
		memory_mib = CASE WHEN v_tight THEN CASE s.slot WHEN 0 THEN p_free[3] ELSE 0 END
			WHEN s.slot < v_parts THEN p_free[3] / v_parts + (s.slot < p_free[3] % v_parts)::integer ELSE 0 END,
		storage_mib = CASE WHEN v_tight THEN CASE s.slot WHEN 0 THEN p_free[4] ELSE 0 END
			WHEN s.slot < v_parts THEN p_free[4] / v_parts + (s.slot < p_free[4] % v_parts)::integer ELSE 0 END
	WHERE s.pool_id = p_pool_id;
END
$$;
COMMENT ON FUNCTION streamspace_rules.share_out IS
	'Spreads what is free evenly over the slots of a pool, in parts of at least p_portion (sessions, millicores, memory_mib, storage_mib); less than nothing all goes to the first slot and makes the pool tight';
