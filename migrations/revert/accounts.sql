-- Revert streamspace:accounts from pg
BEGIN;

COMMIT;
