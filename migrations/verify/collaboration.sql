-- Verify streamspace:collaboration on pg
BEGIN;

ROLLBACK;
