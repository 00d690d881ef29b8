CREATE FUNCTION streamspace_rules.drop_partitions(p_limit integer DEFAULT 1) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms'
AS $$
DECLARE
	v_row record;
	v_dropped integer := 0;
BEGIN
	FOR v_row IN
		SELECT p.relname AS parent, c.relname AS child, to_date(right(c.relname, 6), 'YYYYMM') AS month, r.retention
		FROM pg_inherits AS i
		JOIN pg_class AS p ON p.oid = i.inhparent
		JOIN pg_class AS c ON c.oid = i.inhrelid
		CROSS JOIN streamspace_data.installation AS n
		CROSS JOIN LATERAL (SELECT CASE p.relname WHEN 'audit_log' THEN n.audit_retention ELSE n.event_retention END) AS r (retention)
		WHERE i.inhparent IN ('streamspace_data.session_event'::regclass, 'streamspace_data.session_change'::regclass,
				'streamspace_data.audit_log'::regclass)
			AND c.relname ~ '_[0-9]{6}$'
			AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' < (streamspace_rules.now() AT TIME ZONE 'UTC') - r.retention
			AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= (pg_catalog.now() AT TIME ZONE 'UTC')
		ORDER BY right(c.relname, 6), c.relname LIMIT p_limit
	LOOP
		-- the marks first: what they say is true or nothing is dropped
		IF NOT streamspace_rules.mark_drop(v_row.parent, v_row.child, v_row.month, v_row.retention) THEN
			EXIT;
		END IF;
		EXECUTE format('DROP TABLE streamspace_data.%I', v_row.child);
		v_dropped := v_dropped + 1;
	END LOOP;
	RETURN v_dropped;
EXCEPTION WHEN lock_not_available THEN
	RETURN 0;
END
$$;
COMMENT ON FUNCTION streamspace_rules.drop_partitions IS
	'Drops partitions of history that are past their retention, oldest first; returns how many. Each drop stands in the audit log, and what it takes of the audit log is marked in its chains. Gives up after 500 ms of waiting for a reader and is called again';
