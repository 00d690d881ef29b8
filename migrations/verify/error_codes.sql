-- Verify streamspace:error_codes on pg
BEGIN;
SELECT 1 / (count(*) > 0)::integer FROM streamspace_data.error_code AS e WHERE e.code = 'quota_exceeded';
ROLLBACK;
