-- Verify streamspace:sessions on pg
BEGIN;
SELECT s.session_id, s.state, s.desired_state, s.observed_state FROM streamspace_data.session AS s WHERE false;
ROLLBACK;
