CREATE FUNCTION streamspace_rules.agent_terms(p_agent text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT jsonb_build_object('labels', a.labels, 'draining', a.draining,
			'orgs', (SELECT coalesce(jsonb_agg(o.name ORDER BY o.name), '[]') FROM streamspace_data.agent_org AS x
				JOIN streamspace_data.org AS o ON o.org_id = x.org_id WHERE x.agent_id = a.agent_id),
			'limits', jsonb_build_object('max_sessions', a.limit_sessions, 'max_millicores', a.limit_millicores, 'max_memory_mib', a.limit_memory_mib),
			'used', streamspace_rules.pool_use(p.pool_id) - 'storage_mib')
		FROM streamspace_data.agent AS a
		JOIN streamspace_data.pool AS p ON p.agent_id = a.agent_id
		WHERE a.agent_id = p_agent);
END
$$;
COMMENT ON FUNCTION streamspace_rules.agent_terms IS 'Which sessions an agent may get, and what those that it has use';
