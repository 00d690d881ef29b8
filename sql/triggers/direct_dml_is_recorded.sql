-- On every table, and on every partition, since a partition that is written by its own name fires no trigger of its parent.
DO $do$
DECLARE
	v_table regclass;
BEGIN
	FOR v_table IN
		SELECT c.oid::regclass FROM pg_catalog.pg_class AS c
		WHERE c.relnamespace = 'streamspace_data'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname
	LOOP
		PERFORM streamspace_rules.watch_table(v_table);
	END LOOP;
END
$do$;
