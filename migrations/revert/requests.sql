-- Revert streamspace:requests from pg
BEGIN;
DROP TABLE streamspace_data.request;
COMMIT;
