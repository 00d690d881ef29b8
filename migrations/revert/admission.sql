-- Revert streamspace:admission from pg
BEGIN;

COMMIT;
