CREATE FUNCTION streamspace_rules.use_agent_token(p_actor bytea, p_agent text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_id text;
BEGIN
	-- Of two who come with it the second waits for the first, and then finds it used.
	UPDATE streamspace_data.agent_token AS t SET used_at = streamspace_rules.now(), revision = t.revision + 1
	WHERE t.token_hash = p_actor AND t.agent_id = p_agent AND t.used_at IS NULL AND t.revoked_at IS NULL AND t.expires_at > streamspace_rules.now()
	RETURNING t.token_id INTO v_id;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('unauthorized'));
	END IF;
	RETURN v_id;
END
$$;
COMMENT ON FUNCTION streamspace_rules.use_agent_token IS 'Uses the token up and answers its id; raises unauthorized when it is not open, or of another agent';
