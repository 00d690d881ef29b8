-- Revert streamspace:collaboration from pg
BEGIN;

COMMIT;
