CREATE FUNCTION streamspace_rules.blocked_agents() RETURNS text[]
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM streamspace_data.session AS s WHERE s.state = 'pending' AND s.reason = 'no_capacity') THEN
		RETURN ARRAY[]::text[];
	END IF;
	RETURN ARRAY(SELECT DISTINCT f.agent_id
		FROM (SELECT DISTINCT s.org_id, s.placement, s.millicores, s.memory_mib, l.agent_id AS home_agent FROM streamspace_data.session AS s
			LEFT JOIN streamspace_data.home_location AS l ON l.org_id = s.org_id AND l.home_id = s.home_id
			WHERE s.state = 'pending' AND s.reason = 'no_capacity') AS w
		CROSS JOIN LATERAL (SELECT a.agent_id FROM streamspace_rules.agents_for(w.org_id, w.placement, w.home_agent, w.millicores, w.memory_mib) AS a
			WHERE a.misfit IS NULL) AS f);
END
$$;
COMMENT ON FUNCTION streamspace_rules.blocked_agents IS
	'Agents for which sessions wait: their room goes to those first, so that smaller or later ones do not keep them waiting for ever';
