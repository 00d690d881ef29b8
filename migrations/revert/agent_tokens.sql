-- Revert streamspace:agent_tokens from pg
BEGIN;
DROP TABLE streamspace_data.agent_token CASCADE;
COMMIT;
