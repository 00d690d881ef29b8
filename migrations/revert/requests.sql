-- Revert streamspace:requests from pg
-- CASCADE: the views of sql/ go with their tables.
BEGIN;
DROP TABLE streamspace_data.request CASCADE;
COMMIT;
