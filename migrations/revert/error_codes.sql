-- Revert streamspace:error_codes from pg
-- CASCADE: the views of sql/ go with their tables.
BEGIN;
DROP TABLE streamspace_data.error_code CASCADE;
COMMIT;
