CREATE FUNCTION streamspace_rules.find_agent_key(p_actor bytea, OUT kind text, OUT agent_id text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF p_actor IS NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('actor_required'));
	END IF;
	SELECT c.kind, c.agent_id INTO kind, agent_id FROM streamspace_data.credential AS c
	WHERE c.token_hash = p_actor AND c.kind IN ('agent', 'bootstrap') AND c.revoked_at IS NULL;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('unauthorized'));
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.find_agent_key IS 'Whose key this is: kind bootstrap, or agent with its id; raises actor_required, unauthorized';
