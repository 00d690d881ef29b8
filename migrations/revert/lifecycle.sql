-- Revert streamspace:lifecycle from pg
-- CASCADE: the views of sql/ go with their columns, the functions with the rows that they know.
BEGIN;
DROP TABLE streamspace_data.session_schedule, streamspace_data.policy_review, streamspace_data.policy, streamspace_data.session_activity CASCADE;
DELETE FROM streamspace_data.session_transition AS t WHERE t.event = 'retry';
UPDATE streamspace_data.session AS s SET revision = s.agent_revision WHERE s.revision <> s.agent_revision;
ALTER TABLE streamspace_data.session
	DROP COLUMN agent_revision CASCADE,
	DROP COLUMN started_at CASCADE,
	DROP COLUMN keep_until CASCADE,
	DROP COLUMN decided_at CASCADE,
	DROP COLUMN check_at CASCADE,
	DROP COLUMN warning CASCADE,
	DROP COLUMN attempts CASCADE,
	DROP COLUMN retry_at CASCADE;
COMMENT ON COLUMN streamspace_data.session.revision IS 'Raised with every change of what is desired; a report of a lower one changes nothing';
COMMENT ON COLUMN streamspace_data.session.observed_revision IS NULL;
COMMIT;
