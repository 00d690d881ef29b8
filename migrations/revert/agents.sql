-- Revert streamspace:agents from pg
BEGIN;
DROP TABLE streamspace_data.agent_load;
DROP TABLE streamspace_data.agent_heartbeat;
DROP TABLE streamspace_data.agent_connection;
ALTER TABLE streamspace_data.credential DROP CONSTRAINT credential_has_an_agent;
DROP TABLE streamspace_data.agent;
COMMIT;
