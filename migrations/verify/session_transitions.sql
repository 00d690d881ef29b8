-- Verify streamspace:session_transitions on pg
BEGIN;
SELECT 1 / (count(*) = 1)::integer FROM streamspace_data.session_transition AS t WHERE t.from_state = 'none';
ROLLBACK;
