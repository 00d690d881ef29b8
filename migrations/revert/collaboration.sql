-- Revert streamspace:collaboration from pg
-- CASCADE: the views of sql/ go with the columns that they show.
BEGIN;
DROP TABLE streamspace_data.session_share CASCADE;
DROP TABLE streamspace_data.session_tag CASCADE;
DROP INDEX streamspace_data.session_by_template_and_time;
ALTER TABLE streamspace_data.session DROP COLUMN name CASCADE, DROP COLUMN notes CASCADE;
COMMIT;
