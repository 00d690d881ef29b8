-- Revert streamspace:lifecycle from pg
BEGIN;

COMMIT;
