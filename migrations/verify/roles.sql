-- Verify streamspace:roles on pg
BEGIN;
SELECT 1 / (count(*) = 7)::integer
FROM pg_catalog.pg_roles AS r
WHERE r.rolname IN ('streamspace_owner', 'streamspace_definer', 'streamspace_system',
	'streamspace_report', 'streamspace_api', 'streamspace_dba', 'streamspace_monitor')
	AND NOT r.rolsuper AND NOT r.rolbypassrls;
ROLLBACK;
