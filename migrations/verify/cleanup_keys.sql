-- Verify streamspace:cleanup_keys on pg
BEGIN;
SELECT k.agent_id, k.key_hash, k.set_at, k.revision FROM streamspace_data.cleanup_key AS k WHERE false;
ROLLBACK;
