-- Verify streamspace:homes on pg
BEGIN;

ROLLBACK;
