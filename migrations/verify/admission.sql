-- Verify streamspace:admission on pg
BEGIN;
SELECT s.millicores, s.memory_mib, s.placement, s.pools FROM streamspace_data.session AS s WHERE false;
SELECT p.kind, p.step, p.sessions, p.own FROM streamspace_data.pool AS p WHERE false;
SELECT s.slot, s.tight, s.sessions FROM streamspace_data.pool_slot AS s WHERE false;
SELECT a.labels, a.draining, a.limit_sessions, a.spread FROM streamspace_data.agent AS a WHERE false;
SELECT o.agent_id, o.org_id FROM streamspace_data.agent_org AS o WHERE false;
ROLLBACK;
