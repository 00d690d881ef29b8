-- Revert streamspace:session_transitions from pg
BEGIN;
DROP TABLE streamspace_data.session_transition;
COMMIT;
