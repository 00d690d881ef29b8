-- Revert streamspace:event_stream from pg
BEGIN;
DROP TABLE streamspace_data.signal CASCADE;
DROP TABLE streamspace_data.signal_mark CASCADE;
COMMIT;
