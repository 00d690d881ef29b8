-- Revert streamspace:session_transitions from pg
-- CASCADE: the views of sql/ go with their tables.
BEGIN;
DROP TABLE streamspace_data.session_transition CASCADE;
COMMIT;
