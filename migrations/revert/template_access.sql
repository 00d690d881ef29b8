-- Revert streamspace:template_access from pg
BEGIN;

COMMIT;
