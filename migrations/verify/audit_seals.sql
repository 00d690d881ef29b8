-- Verify streamspace:audit_seals on pg
BEGIN;

ROLLBACK;
