CREATE FUNCTION streamspace_rules.find_agent_token(p_actor bytea) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT t.agent_id FROM streamspace_data.agent_token AS t
		WHERE t.token_hash = p_actor AND t.used_at IS NULL AND t.revoked_at IS NULL AND t.expires_at > streamspace_rules.now());
END
$$;
COMMENT ON FUNCTION streamspace_rules.find_agent_token IS 'The agent that an open token enrols; NULL: it is none. use_agent_token() decides';
