CREATE FUNCTION streamspace_rules.explain_pending(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_online text[] := ARRAY(SELECT DISTINCT a.platform FROM streamspace_data.agent AS a
		LEFT JOIN streamspace_data.agent_heartbeat AS h ON h.agent_id = a.agent_id AND h.epoch = a.last_epoch
		WHERE a.approval = 'approved' AND a.state = 'online' AND h.status IS DISTINCT FROM 'draining');
	v_changed integer;
BEGIN
	UPDATE streamspace_data.session AS s SET reason = w.reason, updated_at = streamspace_rules.now()
	FROM (SELECT x.session_id, y.reason FROM streamspace_data.session AS x
		JOIN streamspace_data.template_revision AS r
			ON r.org_id = x.org_id AND r.template_id = x.template_id AND r.revision = x.template_revision
		CROSS JOIN LATERAL (SELECT CASE WHEN r.platforms && v_online THEN 'no_capacity' ELSE 'no_agent_available' END) AS y (reason)
		WHERE x.state = 'pending' AND x.reason IS DISTINCT FROM y.reason
		ORDER BY x.created_at, x.session_id LIMIT p_limit FOR NO KEY UPDATE OF x SKIP LOCKED) AS w
	WHERE s.session_id = w.session_id;
	GET DIAGNOSTICS v_changed = ROW_COUNT;
	RETURN v_changed;
END
$$;
COMMENT ON FUNCTION streamspace_rules.explain_pending IS
	'Brings the reason of sessions that wait for an agent up to date, after place_pending(): no_capacity or no_agent_available; returns how many changed';
