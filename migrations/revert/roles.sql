-- Revert streamspace:roles from pg
-- A role that another database of this server still uses stays.
BEGIN;

DO $do$
DECLARE
	v_role text;
BEGIN
	FOREACH v_role IN ARRAY ARRAY['streamspace_monitor', 'streamspace_dba', 'streamspace_api',
		'streamspace_report', 'streamspace_system', 'streamspace_definer', 'streamspace_owner']
	LOOP
		CONTINUE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = v_role);
		BEGIN
			EXECUTE pg_catalog.format('DROP OWNED BY %I', v_role);
			EXECUTE pg_catalog.format('DROP ROLE %I', v_role);
		EXCEPTION WHEN dependent_objects_still_exist THEN
			RAISE NOTICE 'role % is still used by another database', v_role;
		END;
	END LOOP;
END
$do$;

COMMIT;
