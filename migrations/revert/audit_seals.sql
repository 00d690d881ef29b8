-- Revert streamspace:audit_seals from pg
-- CASCADE: the functions, triggers and views of sql/ go with their tables.
BEGIN;
DROP FUNCTION IF EXISTS streamspace_rules.record_direct_ddl() CASCADE;
DROP FUNCTION IF EXISTS streamspace_rules.record_direct_dml() CASCADE;
DROP TABLE streamspace_data.session_change CASCADE;
DROP TABLE streamspace_data.audit_mark CASCADE;
DROP TABLE streamspace_data.audit_seal CASCADE;
DROP TABLE streamspace_data.audit_horizon CASCADE;
DROP INDEX streamspace_data.session_observed_differently, streamspace_data.session_failed, streamspace_data.session_with_debt, streamspace_data.session_by_agent;
CREATE INDEX session_by_agent ON streamspace_data.session (agent_id) WHERE state <> 'terminated' OR cleanup_debt;
DROP INDEX streamspace_data.audit_log_by_object, streamspace_data.audit_log_by_function, streamspace_data.audit_log_by_actor,
	streamspace_data.audit_log_by_xid, streamspace_data.audit_log_by_org;
CREATE INDEX audit_log_by_org ON streamspace_data.audit_log (org_id, at DESC, audit_id DESC);
ALTER TABLE streamspace_data.audit_log DROP COLUMN generation CASCADE;
ALTER TABLE streamspace_data.installation DROP COLUMN history_begins_at CASCADE, DROP COLUMN server_started_at CASCADE;
COMMIT;
