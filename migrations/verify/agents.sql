-- Verify streamspace:agents on pg
BEGIN;
SELECT a.agent_id, a.last_epoch FROM streamspace_data.agent AS a WHERE false;
SELECT c.epoch, c.instance_id FROM streamspace_data.agent_connection AS c WHERE false;
SELECT h.heartbeat_at FROM streamspace_data.agent_heartbeat AS h WHERE false;
ROLLBACK;
