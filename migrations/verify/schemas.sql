-- Verify streamspace:schemas on pg
BEGIN;
SELECT 1 / (count(*) = 3)::integer
FROM pg_catalog.pg_namespace AS n
WHERE n.nspname IN ('streamspace', 'streamspace_rules', 'streamspace_data')
	AND n.nspowner = 'streamspace_owner'::regrole;
ROLLBACK;
