CREATE FUNCTION streamspace_rules.open_agent_token(p_agent text, p_token_hash bytea, p_expires_at timestamptz, p_created_by text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_id text := streamspace_rules.new_id('t-');
	v_now timestamptz := streamspace_rules.now();
BEGIN
	-- Two at once for one agent: the second ends the token of the first.
	PERFORM pg_advisory_xact_lock(7403, hashtext(p_agent));
	PERFORM streamspace_rules.end_agent_tokens(p_agent);
	INSERT INTO streamspace_data.agent_token (token_id, token_hash, agent_id, created_by, created_at, expires_at)
	VALUES (v_id, p_token_hash, p_agent, left(p_created_by, 300), v_now, p_expires_at);
	RETURN v_id;
END
$$;
COMMENT ON FUNCTION streamspace_rules.open_agent_token IS 'Keeps a new token of enrolment and answers its id; an earlier one of the agent ends';
