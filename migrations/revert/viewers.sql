-- Revert streamspace:viewers from pg
BEGIN;
COMMIT;
