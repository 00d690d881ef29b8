CREATE FUNCTION streamspace_rules.agent_pool(p_agent text) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT p.pool_id FROM streamspace_data.pool AS p WHERE p.agent_id = p_agent);
END
$$;
COMMENT ON FUNCTION streamspace_rules.agent_pool IS 'The pool of the capacity of an agent';
