CREATE FUNCTION streamspace_rules.explain_pending(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_changed integer;
BEGIN
	UPDATE streamspace_data.session AS s SET reason = w.reason, updated_at = streamspace_rules.now()
	FROM (SELECT x.session_id, y.reason FROM streamspace_data.session AS x
		LEFT JOIN streamspace_data.home_location AS h ON h.org_id = x.org_id AND h.home_id = x.home_id
		JOIN (SELECT g.*, CASE WHEN EXISTS (SELECT FROM streamspace_rules.agents_for(g.org_id, g.placement, g.home_agent, g.millicores, g.memory_mib) AS a
				WHERE a.misfit IS NULL) THEN 'no_capacity' ELSE 'no_agent_available' END AS reason
			FROM (SELECT DISTINCT p.org_id, p.placement, p.millicores, p.memory_mib, l.agent_id AS home_agent
				FROM streamspace_data.session AS p
				LEFT JOIN streamspace_data.home_location AS l ON l.org_id = p.org_id AND l.home_id = p.home_id WHERE p.state = 'pending') AS g) AS y
			ON y.org_id = x.org_id AND y.placement = x.placement AND y.millicores = x.millicores AND y.memory_mib = x.memory_mib
				AND y.home_agent IS NOT DISTINCT FROM h.agent_id
		WHERE x.state = 'pending' AND x.reason IS DISTINCT FROM y.reason
		ORDER BY x.created_at, x.session_id LIMIT p_limit FOR NO KEY UPDATE OF x SKIP LOCKED) AS w
	WHERE s.session_id = w.session_id;
	GET DIAGNOSTICS v_changed = ROW_COUNT;
	RETURN v_changed;
END
$$;
COMMENT ON FUNCTION streamspace_rules.explain_pending IS
	'Brings the reason of sessions that wait for an agent up to date, after place_pending(): no_capacity or no_agent_available; returns how many changed';
