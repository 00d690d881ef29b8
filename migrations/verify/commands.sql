-- Verify streamspace:commands on pg
BEGIN;
SELECT c.command_id, c.payload, c.epoch FROM streamspace_data.agent_command AS c WHERE false;
SELECT o.object_id FROM streamspace_data.agent_orphan AS o WHERE false;
ROLLBACK;
