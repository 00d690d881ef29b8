-- Revert streamspace:sessions from pg
-- CASCADE: the views of sql/ go with their tables.
BEGIN;
DROP TABLE streamspace_data.session CASCADE;
COMMIT;
