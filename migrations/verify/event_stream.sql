-- Verify streamspace:event_stream on pg
BEGIN;
ROLLBACK;
