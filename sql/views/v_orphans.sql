CREATE VIEW streamspace.v_orphans AS
SELECT o.agent_id, a.state AS agent_state, o.object_kind, o.object_id, o.state, o.revision, o.uid, o.first_seen_at, o.last_seen_at,
	o.first_seen_at + i.orphan_grace AS stop_at, o.command_id, c.state AS command_state
FROM streamspace_data.agent_orphan AS o
JOIN streamspace_data.agent AS a ON a.agent_id = o.agent_id
LEFT JOIN streamspace_data.agent_command AS c ON c.command_id = o.command_id
CROSS JOIN streamspace_data.installation AS i;
GRANT SELECT ON streamspace.v_orphans TO streamspace_dba;
COMMENT ON VIEW streamspace.v_orphans IS
	'What agents hold and the database does not know: stopped after stop_at, when the agent is connected; command_id is the command that does it';
