CREATE FUNCTION streamspace.get_agent(p_agent text, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_reach text := 'all';
	v_answer jsonb;
BEGIN
	IF p_actor IS NULL THEN
		PERFORM streamspace_rules.enter_platform(p_actor, 'get_agent');
	ELSE
		SELECT e.reach INTO v_reach FROM streamspace_rules.enter(p_actor, 'get_agent') AS e;
	END IF;
	v_answer := streamspace_rules.agent_json(p_agent, v_reach = 'all');
	IF v_answer IS NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('agent_not_found', jsonb_build_object('agent', left(p_agent, 100))));
	END IF;
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_agent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_agent TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_agent IS
	'The agent p_agent: for platform administrators all of it, with labels, orgs (none: it serves all), draining, limits and what is used; for others id, platform and state. Errors: actor_required, unauthorized, forbidden, agent_not_found';
