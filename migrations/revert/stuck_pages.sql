-- Revert streamspace:stuck_pages from pg
BEGIN;
DROP INDEX streamspace_data.session_of_agent_by_time;
DROP INDEX streamspace_data.session_observed_differently;
CREATE INDEX session_observed_differently ON streamspace_data.session (agent_id)
	WHERE (state = 'running' AND observed_state IS DISTINCT FROM 'running') OR (state = 'hibernated' AND observed_state IS DISTINCT FROM 'hibernated');
COMMIT;
