CREATE VIEW streamspace.v_homes AS
SELECT h.home_id, o.name AS org, u.name AS owner, h.name, t.name AS template, h.state, h.size_mib, h.session_id, s.state AS session_state,
	l.agent_id, h.retention_seconds, h.last_used_at, h.delete_at, h.created_at, h.revision
FROM streamspace_data.home AS h
JOIN streamspace_data.org AS o ON o.org_id = h.org_id
JOIN streamspace_data.app_user AS u ON u.org_id = h.org_id AND u.user_id = h.user_id
LEFT JOIN streamspace_data.template AS t ON t.org_id = h.org_id AND t.template_id = h.template_id
LEFT JOIN streamspace_data.session AS s ON s.org_id = h.org_id AND s.session_id = h.session_id
LEFT JOIN streamspace_data.home_location AS l ON l.org_id = h.org_id AND l.home_id = h.home_id;
GRANT SELECT ON streamspace.v_homes TO streamspace_dba;
COMMENT ON VIEW streamspace.v_homes IS
	'Homes of all organisations: whose, how large (MiB), attached to which session, on which agent, and when it will be deleted by rule (delete_at)';
