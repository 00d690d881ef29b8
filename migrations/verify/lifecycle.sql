-- Verify streamspace:lifecycle on pg
BEGIN;
SELECT s.revision, s.agent_revision, s.started_at, s.keep_until, s.decided_at, s.check_at, s.warning, s.attempts, s.retry_at
FROM streamspace_data.session AS s WHERE false;
SELECT a.active_at FROM streamspace_data.session_activity AS a WHERE false;
SELECT p.idle_seconds, p.max_seconds FROM streamspace_data.policy AS p WHERE false;
SELECT r.after_at FROM streamspace_data.policy_review AS r WHERE false;
SELECT c.set_at FROM streamspace_data.session_schedule AS c WHERE false;
ROLLBACK;
