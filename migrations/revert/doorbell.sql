-- Revert streamspace:doorbell from pg
BEGIN;
DROP TABLE streamspace_data.doorbell CASCADE;
COMMIT;
