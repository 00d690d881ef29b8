CREATE VIEW streamspace.v_commands AS
SELECT c.command_id, c.agent_id, c.object_kind, c.object_id, c.action, c.revision, c.state, c.attempts, c.failures, c.epoch,
	c.not_before, c.lease_until, c.created_at, c.sent_at, c.acked_at, c.finished_at, c.error, o.name AS org
FROM streamspace_data.agent_command AS c
LEFT JOIN streamspace_data.org AS o ON o.org_id = c.org_id;
GRANT SELECT ON streamspace.v_commands TO streamspace_dba;
COMMENT ON VIEW streamspace.v_commands IS 'Commands to agents, without their payload';
