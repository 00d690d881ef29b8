-- Verify streamspace:admission on pg
BEGIN;

ROLLBACK;
