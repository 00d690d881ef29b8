-- Verify streamspace:accounts on pg
BEGIN;

ROLLBACK;
