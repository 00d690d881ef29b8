-- Revert streamspace:commands from pg
BEGIN;
DROP TABLE streamspace_data.agent_orphan;
DROP TABLE streamspace_data.agent_command;
COMMIT;
