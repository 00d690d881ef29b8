-- Revert streamspace:history from pg
-- CASCADE: the views of sql/ go with their tables.
BEGIN;
DROP TABLE streamspace_data.audit_log CASCADE;
DROP TABLE streamspace_data.session_event CASCADE;
COMMIT;
