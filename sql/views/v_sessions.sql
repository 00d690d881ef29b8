CREATE VIEW streamspace.v_sessions AS
SELECT s.session_id, o.name AS org, u.name AS owner, t.name AS template, s.template_revision, s.platform,
	s.state, s.desired_state, s.observed_state, s.observed_revision, s.agent_revision, s.revision,
	coalesce(s.reason, CASE WHEN a.state = 'offline' AND s.state NOT IN ('failed', 'terminated') THEN 'agent_offline' END) AS reason,
	s.message, s.name, s.notes, s.millicores, s.memory_mib, s.home_id, s.agent_id, s.endpoint, s.progress, s.cleanup_debt, s.deadline_at, s.on_deadline, s.observed_at,
	s.created_at, s.updated_at
FROM streamspace_data.session AS s
JOIN streamspace_data.org AS o ON o.org_id = s.org_id
JOIN streamspace_data.app_user AS u ON u.org_id = s.org_id AND u.user_id = s.user_id
JOIN streamspace_data.template AS t ON t.org_id = s.org_id AND t.template_id = s.template_id
LEFT JOIN streamspace_data.agent AS a ON a.agent_id = s.agent_id;
GRANT SELECT ON streamspace.v_sessions TO streamspace_dba;
COMMENT ON VIEW streamspace.v_sessions IS 'Sessions of all organisations, with what is desired, observed and recorded';
