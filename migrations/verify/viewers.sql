-- Verify streamspace:viewers on pg
BEGIN;
ROLLBACK;
