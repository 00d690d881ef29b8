CREATE FUNCTION streamspace_rules.session_json(p_session text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object(
		'id', s.session_id, 'org', o.name, 'owner', u.name,
		'template', t.name, 'template_revision', s.template_revision, 'parameters', s.parameters,
		'platform', s.platform, 'state', s.state, 'desired_state', s.desired_state, 'observed_state', s.observed_state,
		'reason', x.reason, 'message', s.message, 'next_step', streamspace_rules.next_step(s.state, x.reason),
		'millicores', s.millicores, 'memory_mib', s.memory_mib, 'placement', s.placement - 'platforms',
		'position', CASE WHEN s.state = 'pending' THEN streamspace_rules.queue_position(s.session_id) END,
		'revision', s.revision, 'agent', s.agent_id, 'deadline_at', s.deadline_at, 'progress', s.progress,
		'name', s.name, 'notes', s.notes, 'tags', streamspace_rules.session_tags(s.org_id, s.session_id),
		'home', CASE WHEN s.home_id IS NOT NULL THEN jsonb_build_object('id', h.home_id, 'name', h.name) END,
		'warning', s.warning,
		'failure', CASE WHEN s.state = 'failed' THEN (SELECT jsonb_build_object('reason', s.reason, 'message', s.message,
			'next_step', f.next_step, 'can_retry', f.can_retry, 'retry_at', s.retry_at, 'attempts', s.attempts)
			FROM streamspace_rules.failure_advice(s.reason) AS f) END,
		'created_at', s.created_at, 'updated_at', s.updated_at)
	INTO v_json
	FROM streamspace_data.session AS s
	JOIN streamspace_data.org AS o ON o.org_id = s.org_id
	JOIN streamspace_data.app_user AS u ON u.org_id = s.org_id AND u.user_id = s.user_id
	JOIN streamspace_data.template AS t ON t.org_id = s.org_id AND t.template_id = s.template_id
	LEFT JOIN streamspace_data.home AS h ON h.org_id = s.org_id AND h.home_id = s.home_id
	LEFT JOIN streamspace_data.agent AS a ON a.agent_id = s.agent_id
	CROSS JOIN LATERAL (SELECT coalesce(s.reason,
		CASE WHEN a.state = 'offline' AND s.state NOT IN ('failed', 'terminated') THEN 'agent_offline' END)) AS x (reason)
	WHERE s.session_id = p_session;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.session_json IS 'A session as callers see it; NULL when it is not there or not visible';
