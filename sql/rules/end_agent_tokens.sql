CREATE FUNCTION streamspace_rules.end_agent_tokens(p_agent text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	UPDATE streamspace_data.agent_token AS t SET revoked_at = streamspace_rules.now(), revision = t.revision + 1
	WHERE t.agent_id = p_agent AND t.used_at IS NULL AND t.revoked_at IS NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.end_agent_tokens IS 'What was not used of the tokens that enrol an agent opens nothing any more';
