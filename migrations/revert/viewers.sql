-- Revert streamspace:viewers from pg
-- CASCADE: the functions and views of sql/ go with the rows that they know.
BEGIN;
DROP TABLE streamspace_data.agent_stream CASCADE;
DROP TABLE streamspace_data.connection CASCADE;
DROP TABLE streamspace_data.viewer_ticket CASCADE;
ALTER TABLE streamspace_data.installation DROP COLUMN viewers_per_session, DROP COLUMN viewer_tickets_per_user,
	DROP COLUMN connection_retention;
COMMIT;
