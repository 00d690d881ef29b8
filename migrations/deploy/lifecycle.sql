-- Deploy streamspace:lifecycle to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

-- What callers see and what agents are fenced by change at different times: each has its own number.
ALTER TABLE streamspace_data.session ADD COLUMN agent_revision bigint NOT NULL DEFAULT 1;
UPDATE streamspace_data.session AS s SET agent_revision = s.revision WHERE s.revision <> 1;
ALTER TABLE streamspace_data.session ADD CONSTRAINT session_agent_revision_fits_json CHECK (agent_revision BETWEEN 1 AND 9007199254740991);
COMMENT ON COLUMN streamspace_data.session.revision IS 'Raised with every change that callers see; what they name to change only what they have read';
COMMENT ON COLUMN streamspace_data.session.agent_revision IS
	'Raised with every change of what the agent shall make true; commands carry it, and a report of a lower one changes nothing';
COMMENT ON COLUMN streamspace_data.session.observed_revision IS 'The agent_revision that the last report was about';

COMMIT;
