-- Revert streamspace:templates from pg
BEGIN;
DROP TABLE streamspace_data.template_revision;
DROP TABLE streamspace_data.template;
COMMIT;
