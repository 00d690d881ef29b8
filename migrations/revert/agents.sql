-- Revert streamspace:agents from pg
-- CASCADE: the views of sql/ go with their tables.
BEGIN;
DROP TABLE streamspace_data.agent_load CASCADE;
DROP TABLE streamspace_data.agent_heartbeat CASCADE;
DROP TABLE streamspace_data.agent_connection CASCADE;
ALTER TABLE streamspace_data.credential DROP CONSTRAINT credential_has_an_agent;
DROP TABLE streamspace_data.agent CASCADE;
COMMIT;
