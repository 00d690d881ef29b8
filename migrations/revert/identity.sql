-- Revert streamspace:identity from pg
-- CASCADE: the views of sql/ go with their tables.
BEGIN;
DROP TABLE streamspace_data.usage_user CASCADE;
DROP TABLE streamspace_data.usage_org CASCADE;
DROP TABLE streamspace_data.credential CASCADE;
DROP TABLE streamspace_data.app_user CASCADE;
DROP TABLE streamspace_data.org CASCADE;
DROP TABLE streamspace_data.installation CASCADE;
COMMIT;
