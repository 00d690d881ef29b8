-- Verify streamspace:history on pg
BEGIN;
SELECT e.event_id, e.xid FROM streamspace_data.session_event AS e WHERE false;
SELECT a.audit_id, a.xid FROM streamspace_data.audit_log AS a WHERE false;
SELECT 1 / (count(*) >= 8)::integer FROM pg_catalog.pg_inherits AS i
WHERE i.inhparent IN ('streamspace_data.session_event'::regclass, 'streamspace_data.audit_log'::regclass);
ROLLBACK;
