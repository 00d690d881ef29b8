-- Revert streamspace:doorbell from pg
BEGIN;

COMMIT;
