-- Bounded: however many wait, a create looks at the first of them only.
CREATE FUNCTION streamspace_rules.blocked_agents() RETURNS text[]
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM streamspace_data.session AS s WHERE s.state = 'pending' AND s.reason = 'no_capacity') THEN
		RETURN ARRAY[]::text[];
	END IF;
	RETURN ARRAY(SELECT DISTINCT f.agent_id
		FROM (SELECT DISTINCT v.org_id, v.placement, v.millicores, v.memory_mib
			FROM (SELECT s.org_id, s.placement, s.millicores, s.memory_mib FROM streamspace_data.session AS s
				WHERE s.state = 'pending' AND s.reason = 'no_capacity' ORDER BY s.created_at, s.session_id LIMIT 32) AS v) AS w
		CROSS JOIN LATERAL (SELECT a.agent_id FROM streamspace_rules.agents_for(w.org_id, w.placement, NULL, w.millicores, w.memory_mib) AS a
			WHERE a.misfit IS NULL) AS f);
END
$$;
COMMENT ON FUNCTION streamspace_rules.blocked_agents IS
	'Agents for which sessions wait (the 32 that wait longest are asked): their room goes to those first, so that smaller or later ones do not keep them waiting for ever';
