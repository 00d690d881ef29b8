CREATE FUNCTION streamspace_rules.resize_agent_pool() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM streamspace_rules.resize_pool(p.pool_id, jsonb_build_object('sessions', least(NEW.max_sessions, NEW.limit_sessions),
		'millicores', NEW.limit_millicores, 'memory_mib', NEW.limit_memory_mib))
	FROM streamspace_data.pool AS p WHERE p.agent_id = NEW.agent_id;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.resize_agent_pool IS 'Trigger: the pool of an agent holds what it says it can hold, and no more than an administrator lets it';
