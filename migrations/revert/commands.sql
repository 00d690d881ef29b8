-- Revert streamspace:commands from pg
-- CASCADE: the views of sql/ go with their tables.
BEGIN;
DROP TABLE streamspace_data.agent_orphan CASCADE;
DROP TABLE streamspace_data.agent_command CASCADE;
COMMIT;
