-- Verify streamspace:agent_network on pg
BEGIN;
SELECT h.network FROM streamspace_data.agent_heartbeat AS h WHERE false;
ROLLBACK;
