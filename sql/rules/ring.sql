CREATE FUNCTION streamspace_rules.ring(p_agent text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	PERFORM pg_notify('streamspace_agent', p_agent);
END
$$;
COMMENT ON FUNCTION streamspace_rules.ring IS 'The only notifier: tells the servers that there is work for an agent; carries no data';
