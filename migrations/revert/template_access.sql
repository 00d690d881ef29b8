-- Revert streamspace:template_access from pg
-- CASCADE: the views of sql/ go with their columns.
BEGIN;
DROP TABLE streamspace_data.template_copy CASCADE;
DROP TABLE streamspace_data.template_group CASCADE;
ALTER TABLE streamspace_data.session DROP COLUMN parameters CASCADE;
ALTER TABLE streamspace_data.template
	DROP COLUMN restricted CASCADE,
	DROP COLUMN access_revision CASCADE,
	DROP COLUMN deleted_at CASCADE;
COMMIT;
