-- Revert streamspace:sessions from pg
BEGIN;
DROP TABLE streamspace_data.session;
COMMIT;
