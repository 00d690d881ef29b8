CREATE FUNCTION streamspace.get_metrics() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN jsonb_build_object(
		'sessions', (SELECT coalesce(jsonb_object_agg(x.state, x.n), '{}') FROM
			(SELECT s.state, count(*) AS n FROM streamspace_data.session AS s GROUP BY s.state) AS x),
		'commands', (SELECT coalesce(jsonb_object_agg(x.state, x.n), '{}') FROM
			(SELECT c.state, count(*) AS n FROM streamspace_data.agent_command AS c GROUP BY c.state) AS x),
		'agents', (SELECT coalesce(jsonb_object_agg(x.state, x.n), '{}') FROM
			(SELECT a.state, count(*) AS n FROM streamspace_data.agent AS a WHERE a.approval = 'approved' GROUP BY a.state) AS x),
		'agents_pending_approval', (SELECT count(*) FROM streamspace_data.agent AS a WHERE a.approval = 'pending'),
		'orphans', (SELECT count(*) FROM streamspace_data.agent_orphan),
		'cleanup_debts', (SELECT count(*) FROM streamspace_data.session AS s WHERE s.cleanup_debt));
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_metrics FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_metrics TO streamspace_api, streamspace_dba, streamspace_monitor;
COMMENT ON FUNCTION streamspace.get_metrics IS
	'Counts for metrics, over all organisations: sessions, commands and approved agents by state, agents that wait for approval, orphans, cleanup debts';
