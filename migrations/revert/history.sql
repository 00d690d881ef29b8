-- Revert streamspace:history from pg
BEGIN;
DROP TABLE streamspace_data.audit_log;
DROP TABLE streamspace_data.session_event;
COMMIT;
