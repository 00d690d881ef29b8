-- Verify streamspace:lifecycle on pg
BEGIN;

ROLLBACK;
