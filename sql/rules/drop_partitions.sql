CREATE FUNCTION streamspace_rules.drop_partitions(p_limit integer DEFAULT 1) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms'
AS $$
DECLARE
	v_row record;
	v_dropped integer := 0;
BEGIN
	FOR v_row IN
		SELECT p.relname, c.relname AS child
		FROM pg_inherits AS i
		JOIN pg_class AS p ON p.oid = i.inhparent
		JOIN pg_class AS c ON c.oid = i.inhrelid
		CROSS JOIN streamspace_data.installation AS n
		WHERE i.inhparent IN ('streamspace_data.session_event'::regclass, 'streamspace_data.audit_log'::regclass)
			AND c.relname ~ '_[0-9]{6}$'
			AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month'
				< (streamspace_rules.now() AT TIME ZONE 'UTC') - CASE p.relname WHEN 'audit_log' THEN n.audit_retention ELSE n.event_retention END
			AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= (pg_catalog.now() AT TIME ZONE 'UTC')
		ORDER BY c.relname LIMIT p_limit
	LOOP
		EXECUTE format('DROP TABLE streamspace_data.%I', v_row.child);
		v_dropped := v_dropped + 1;
	END LOOP;
	RETURN v_dropped;
EXCEPTION WHEN lock_not_available THEN
	RETURN 0;
END
$$;
COMMENT ON FUNCTION streamspace_rules.drop_partitions IS
	'Drops partitions of history that are past their retention, oldest first; returns how many. Gives up after 500 ms of waiting for a reader and is called again';
