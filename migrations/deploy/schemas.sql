-- Deploy streamspace:schemas to pg
BEGIN;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
DO $do$
BEGIN
	EXECUTE pg_catalog.format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', pg_catalog.current_database());
END
$do$;

CREATE SCHEMA streamspace AUTHORIZATION streamspace_owner;
COMMENT ON SCHEMA streamspace IS 'Functions and views: all that anyone outside may call';
CREATE SCHEMA streamspace_rules AUTHORIZATION streamspace_owner;
COMMENT ON SCHEMA streamspace_rules IS 'Rules, helpers and trigger functions; granted to nobody outside';
CREATE SCHEMA streamspace_data AUTHORIZATION streamspace_owner;
COMMENT ON SCHEMA streamspace_data IS 'Tables; granted to nobody outside';

COMMIT;
