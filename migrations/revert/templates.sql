-- Revert streamspace:templates from pg
-- CASCADE: the views of sql/ go with their tables.
BEGIN;
DROP TABLE streamspace_data.template_revision CASCADE;
DROP TABLE streamspace_data.template CASCADE;
COMMIT;
