-- Everything that sql/ installs goes, so that no old overload, trigger or policy survives.
DO $do$
DECLARE
	v_row record;
BEGIN
	FOR v_row IN SELECT e.evtname FROM pg_catalog.pg_event_trigger AS e WHERE e.evtname LIKE 'streamspace\_%' LOOP
		EXECUTE pg_catalog.format('DROP EVENT TRIGGER %I', v_row.evtname);
	END LOOP;
	FOR v_row IN
		SELECT p.polname, c.oid::regclass AS on_table FROM pg_catalog.pg_policy AS p
		JOIN pg_catalog.pg_class AS c ON c.oid = p.polrelid
		WHERE c.relnamespace = 'streamspace_data'::regnamespace
	LOOP
		EXECUTE pg_catalog.format('DROP POLICY %I ON %s', v_row.polname, v_row.on_table);
	END LOOP;
	FOR v_row IN
		SELECT t.tgname, c.oid::regclass AS on_table FROM pg_catalog.pg_trigger AS t
		JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
		WHERE c.relnamespace = 'streamspace_data'::regnamespace AND NOT t.tgisinternal AND t.tgparentid = 0
	LOOP
		EXECUTE pg_catalog.format('DROP TRIGGER %I ON %s', v_row.tgname, v_row.on_table);
	END LOOP;
	FOR v_row IN
		SELECT c.oid::regclass AS the_view FROM pg_catalog.pg_class AS c
		WHERE c.relnamespace IN ('streamspace'::regnamespace, 'streamspace_rules'::regnamespace) AND c.relkind = 'v'
	LOOP
		EXECUTE pg_catalog.format('DROP VIEW IF EXISTS %s CASCADE', v_row.the_view);
	END LOOP;
	FOR v_row IN
		SELECT p.oid::regprocedure AS the_function FROM pg_catalog.pg_proc AS p
		WHERE p.pronamespace IN ('streamspace'::regnamespace, 'streamspace_rules'::regnamespace)
	LOOP
		EXECUTE pg_catalog.format('DROP ROUTINE IF EXISTS %s CASCADE', v_row.the_function);
	END LOOP;
END
$do$;
