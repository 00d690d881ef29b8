-- Revert streamspace:lifecycle from pg
-- CASCADE: the views of sql/ go with their columns.
BEGIN;
UPDATE streamspace_data.session AS s SET revision = s.agent_revision WHERE s.revision <> s.agent_revision;
ALTER TABLE streamspace_data.session DROP COLUMN agent_revision CASCADE;
COMMENT ON COLUMN streamspace_data.session.revision IS 'Raised with every change of what is desired; a report of a lower one changes nothing';
COMMENT ON COLUMN streamspace_data.session.observed_revision IS NULL;
COMMIT;
