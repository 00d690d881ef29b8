-- Deploy streamspace:stuck_pages to pg
BEGIN;
SET LOCAL ROLE streamspace_owner;

-- In the order of a page of list_stuck(), which otherwise sorts all of them: an agent that is away may hold hundreds of thousands.
CREATE INDEX session_of_agent_by_time ON streamspace_data.session (org_id, agent_id, created_at DESC, session_id DESC) WHERE state <> 'terminated';
DROP INDEX streamspace_data.session_observed_differently;
CREATE INDEX session_observed_differently ON streamspace_data.session (org_id, created_at DESC, session_id DESC)
	WHERE (state = 'running' AND observed_state IS DISTINCT FROM 'running') OR (state = 'hibernated' AND observed_state IS DISTINCT FROM 'hibernated');

COMMIT;
