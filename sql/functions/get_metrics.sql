-- Asked again and again by every server: what is final, and grows, is not counted.
CREATE FUNCTION streamspace.get_metrics() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN jsonb_build_object(
		'sessions', (SELECT coalesce(jsonb_object_agg(x.state, x.n), '{}') FROM
			(SELECT s.state, count(*) AS n FROM streamspace_data.session AS s WHERE s.state <> 'terminated' GROUP BY s.state) AS x),
		'commands', (SELECT coalesce(jsonb_object_agg(x.state, x.n), '{}') FROM
			(SELECT c.state, count(*) AS n FROM streamspace_data.agent_command AS c WHERE c.state = 'pending' GROUP BY c.state
			UNION ALL
			SELECT c.state, count(*) FROM streamspace_data.agent_command AS c WHERE c.state IN ('sent', 'acked') GROUP BY c.state) AS x),
		'agents', (SELECT coalesce(jsonb_object_agg(x.state, x.n), '{}') FROM
			(SELECT a.state, count(*) AS n FROM streamspace_data.agent AS a WHERE a.approval = 'approved' GROUP BY a.state) AS x),
		'agents_pending_approval', (SELECT count(*) FROM streamspace_data.agent AS a WHERE a.approval = 'pending'),
		'orphans', (SELECT count(*) FROM streamspace_data.agent_orphan),
		'cleanup_debts', (SELECT count(*) FROM streamspace_data.session AS s WHERE s.cleanup_debt),
		'audit_unsealed', (SELECT count(*) FROM (SELECT FROM streamspace_data.audit_horizon AS h
			JOIN streamspace_data.audit_log AS l ON l.generation = h.generation AND l.xid >= h.sealed_to WHERE NOT h.closed LIMIT 100000) AS x));
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_metrics FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_metrics TO streamspace_api, streamspace_dba, streamspace_monitor;
COMMENT ON FUNCTION streamspace.get_metrics IS
	'Counts for metrics, over all organisations: sessions and commands that are not final and approved agents by state, agents that wait for approval, orphans, cleanup debts, audit rows that are not sealed yet (100000 at most)';
