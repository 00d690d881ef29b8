-- Verify streamspace:audit_seals on pg
BEGIN;
SELECT a.generation FROM streamspace_data.audit_log AS a WHERE false;
SELECT i.server_started_at, i.history_begins_at FROM streamspace_data.installation AS i WHERE false;
SELECT h.sealed_to, h.since, h.closed FROM streamspace_data.audit_horizon AS h WHERE false;
SELECT s.audit_ids, s.leaves, s.previous_hash, s.hash, s.month FROM streamspace_data.audit_seal AS s WHERE false;
SELECT m.hash FROM streamspace_data.audit_mark AS m WHERE false;
SELECT c.was FROM streamspace_data.session_change AS c WHERE false;
ROLLBACK;
