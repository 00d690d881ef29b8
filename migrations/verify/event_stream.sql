-- Verify streamspace:event_stream on pg
BEGIN;
SELECT s.org_id, s.xid, s.signal_id, s.at, s.event, s.session_id, s.user_id, s.group_id FROM streamspace_data.signal AS s WHERE false;
SELECT m.mark, m.generation, m.at, m.horizon FROM streamspace_data.signal_mark AS m WHERE false;
ROLLBACK;
