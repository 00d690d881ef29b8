-- Verify streamspace:admission on pg
BEGIN;
SELECT s.millicores, s.memory_mib, s.placement FROM streamspace_data.session AS s WHERE false;
ROLLBACK;
