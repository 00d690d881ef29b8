CREATE FUNCTION streamspace_rules.pool_use(p_pool_id integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT jsonb_build_object(
			'sessions', coalesce(p.sessions, streamspace_rules.no_limit()) - sum(s.sessions),
			'millicores', coalesce(p.millicores, streamspace_rules.no_limit()) - sum(s.millicores),
			'memory_mib', coalesce(p.memory_mib, streamspace_rules.no_limit()) - sum(s.memory_mib),
			'storage_mib', coalesce(p.storage_mib, streamspace_rules.no_limit()) - sum(s.storage_mib))
		FROM streamspace_data.pool AS p
		JOIN streamspace_data.pool_slot AS s ON s.pool_id = p.pool_id
		WHERE p.pool_id = p_pool_id GROUP BY p.pool_id);
END
$$;
COMMENT ON FUNCTION streamspace_rules.pool_use IS 'What of a pool is used: its limits less what is free';
