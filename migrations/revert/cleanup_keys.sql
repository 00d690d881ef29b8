-- Revert streamspace:cleanup_keys from pg
BEGIN;
DROP TABLE streamspace_data.cleanup_key CASCADE;
COMMIT;
