-- Revert streamspace:homes from pg
-- CASCADE: the views of sql/ go with the column that they show.
BEGIN;
DELETE FROM streamspace_data.agent_command WHERE object_kind = 'home';
ALTER TABLE streamspace_data.agent_command DROP CONSTRAINT agent_command_object_is_known;
ALTER TABLE streamspace_data.agent_command ADD CONSTRAINT agent_command_object_is_known CHECK (object_kind IN ('session', 'template'));
ALTER TABLE streamspace_data.installation DROP COLUMN home_size_mib, DROP COLUMN home_retention_seconds;
ALTER TABLE streamspace_data.session DROP COLUMN home_id CASCADE;
DROP TABLE streamspace_data.home_location CASCADE;
DROP TABLE streamspace_data.home CASCADE;
COMMIT;
