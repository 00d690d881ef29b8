CREATE VIEW streamspace.v_connections AS
SELECT c.connection_id, o.name AS org, c.session_id, u.name AS owner, c.viewer, c.credential_id, c.mode, c.address, c.agent_id, c.replica,
	t.replica AS agent_replica, c.opened_at, c.reviewed_at, c.last_input_at, c.received, c.sent, c.closed_at, c.reason, c.closed_by
FROM streamspace_data.connection AS c
JOIN streamspace_data.org AS o ON o.org_id = c.org_id
JOIN streamspace_data.app_user AS u ON u.org_id = c.org_id AND u.user_id = c.owner_id
LEFT JOIN streamspace_data.agent_stream AS t ON t.agent_id = c.agent_id AND c.closed_at IS NULL;
GRANT SELECT ON streamspace.v_connections TO streamspace_dba;
COMMENT ON VIEW streamspace.v_connections IS
	'Viewers of sessions of all organisations, the closed ones too for as long as connection_retention: who looks or looked at what, with which log-in, from where, through which servers, until when and why it ended';
