-- Revert streamspace:admission from pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

ALTER TABLE streamspace_data.session DROP COLUMN millicores, DROP COLUMN memory_mib, DROP COLUMN placement;

COMMIT;
