-- Inserts and never locks the home: this comes after usage and agents.
CREATE FUNCTION streamspace_rules.place_home(p_org_id integer, p_home text, p_agent text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	INSERT INTO streamspace_data.home_location (org_id, home_id, agent_id, since)
	VALUES (p_org_id, p_home, p_agent, streamspace_rules.now())
	ON CONFLICT ON CONSTRAINT home_location_pkey DO NOTHING;
END
$$;
COMMENT ON FUNCTION streamspace_rules.place_home IS 'From now on a home lies on this agent, unless it lies on one already';
