-- Revert streamspace:audit_seals from pg
BEGIN;

COMMIT;
