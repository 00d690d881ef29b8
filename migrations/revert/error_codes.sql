-- Revert streamspace:error_codes from pg
BEGIN;
DROP TABLE streamspace_data.error_code;
COMMIT;
