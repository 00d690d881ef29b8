-- Verify streamspace:template_access on pg
BEGIN;

ROLLBACK;
