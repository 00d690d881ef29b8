-- Verify streamspace:agent_tokens on pg
BEGIN;
SELECT t.token_id, t.token_hash, t.agent_id, t.created_by, t.created_at, t.expires_at, t.used_at, t.revoked_at, t.revision
FROM streamspace_data.agent_token AS t WHERE false;
ROLLBACK;
