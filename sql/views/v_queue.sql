CREATE VIEW streamspace.v_queue AS
SELECT row_number() OVER (ORDER BY s.created_at, s.session_id) AS position, s.session_id, o.name AS org, u.name AS owner, t.name AS template,
	s.placement, s.millicores, s.memory_mib, s.reason, s.message, s.created_at, now() - s.created_at AS waits, s.deadline_at
FROM streamspace_data.session AS s
JOIN streamspace_data.org AS o ON o.org_id = s.org_id
JOIN streamspace_data.app_user AS u ON u.org_id = s.org_id AND u.user_id = s.user_id
JOIN streamspace_data.template AS t ON t.org_id = s.org_id AND t.template_id = s.template_id
WHERE s.state = 'pending';
GRANT SELECT ON streamspace.v_queue TO streamspace_dba;
COMMENT ON VIEW streamspace.v_queue IS
	'Sessions that wait for an agent, in the order of their creation over all organisations: what each asks for, why it waits, and until when (deadline_at)';
