-- Verify streamspace:doorbell on pg
BEGIN;

ROLLBACK;
