-- Revert streamspace:schemas from pg
-- The code schemas hold what sql/ installed; it goes with them.
BEGIN;
DROP SCHEMA streamspace CASCADE;
DROP SCHEMA streamspace_rules CASCADE;
DROP SCHEMA streamspace_data;
DO $do$
BEGIN
	EXECUTE pg_catalog.format('GRANT TEMPORARY ON DATABASE %I TO PUBLIC', pg_catalog.current_database());
END
$do$;
COMMIT;
