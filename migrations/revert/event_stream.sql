-- Revert streamspace:event_stream from pg
BEGIN;
COMMIT;
