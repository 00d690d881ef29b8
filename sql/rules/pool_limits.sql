CREATE FUNCTION streamspace_rules.pool_limits(p_pool_id integer) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN (SELECT jsonb_build_object('sessions', p.sessions, 'millicores', p.millicores, 'memory_mib', p.memory_mib, 'storage_mib', p.storage_mib,
			'session_millicores', p.session_millicores, 'session_memory_mib', p.session_memory_mib, 'session_storage_mib', p.session_storage_mib)
		FROM streamspace_data.pool AS p WHERE p.pool_id = p_pool_id);
END
$$;
COMMENT ON FUNCTION streamspace_rules.pool_limits IS 'Limits of a pool by name; null is none';
