-- Revert streamspace:homes from pg
BEGIN;

COMMIT;
