-- Revert streamspace:agent_network from pg
BEGIN;
ALTER TABLE streamspace_data.agent_heartbeat DROP COLUMN network CASCADE;
COMMIT;
