-- Deploy streamspace:roles to pg
-- Roles belong to the whole server, so one that another database already made is kept.
BEGIN;

DO $do$
DECLARE
	v_role text;
BEGIN
	FOREACH v_role IN ARRAY ARRAY['streamspace_owner', 'streamspace_definer', 'streamspace_system',
		'streamspace_report', 'streamspace_api', 'streamspace_dba', 'streamspace_monitor']
	LOOP
		IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = v_role) THEN
			EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', v_role);
		END IF;
	END LOOP;
END
$do$;

COMMENT ON ROLE streamspace_owner IS 'Owns the tables of StreamSpace; nobody logs in as it';
COMMENT ON ROLE streamspace_definer IS 'Owns the functions; subject to row-level security by organisation';
COMMENT ON ROLE streamspace_system IS 'Owns the few functions that must cross organisations';
COMMENT ON ROLE streamspace_report IS 'Owns the views of operators; reads every organisation';
COMMENT ON ROLE streamspace_api IS 'Group of the logins of the server streamspaced';
COMMENT ON ROLE streamspace_dba IS 'Group of the people who work in psql';
COMMENT ON ROLE streamspace_monitor IS 'Group of logins that read views for metrics';

COMMIT;
