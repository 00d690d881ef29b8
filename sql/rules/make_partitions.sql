CREATE FUNCTION streamspace_rules.make_partitions() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_month timestamp := date_trunc('month', pg_catalog.now() AT TIME ZONE 'UTC');
	v_table text;
	v_name text;
	v_made integer := 0;
BEGIN
	FOR i IN 0..3 LOOP
		FOREACH v_table IN ARRAY ARRAY['session_event', 'session_change', 'audit_log'] LOOP
			v_name := format('%s_%s', v_table, to_char(v_month, 'YYYYMM'));
			CONTINUE WHEN to_regclass('streamspace_data.' || v_name) IS NOT NULL;
			-- attached after it is made: readers of the table hardly wait
			EXECUTE format('CREATE TABLE streamspace_data.%I (LIKE streamspace_data.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', v_name, v_table);
			EXECUTE format('ALTER TABLE streamspace_data.%I ENABLE ROW LEVEL SECURITY', v_name);
			PERFORM streamspace_rules.watch_table(format('streamspace_data.%I', v_name)::regclass);
			EXECUTE format('ALTER TABLE streamspace_data.%I ATTACH PARTITION streamspace_data.%I FOR VALUES FROM (%L) TO (%L)',
				v_table, v_name, v_month AT TIME ZONE 'UTC', (v_month + interval '1 month') AT TIME ZONE 'UTC');
			v_made := v_made + 1;
		END LOOP;
		v_month := v_month + interval '1 month';
	END LOOP;
	RETURN v_made;
END
$$;
COMMENT ON FUNCTION streamspace_rules.make_partitions IS 'Makes the partitions of this month and the next three that are not there; returns how many';
