CREATE FUNCTION streamspace_rules.home_agent(p_org_id integer, p_home text) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	RETURN (SELECT l.agent_id FROM streamspace_data.home_location AS l WHERE l.org_id = p_org_id AND l.home_id = p_home);
END
$$;
COMMENT ON FUNCTION streamspace_rules.home_agent IS 'The only agent that can run a session with this home; NULL while it lies nowhere, and for no home';
