CREATE FUNCTION streamspace_rules.session_payload(p_session text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_payload jsonb;
BEGIN
	SELECT jsonb_build_object(
		'sessionId', s.session_id, 'user', u.name, 'org', o.name,
		'template', t.name, 'templateRevision', s.template_revision,
		'templateManifest', streamspace_rules.template_manifest(o.name, t.name,
			r.spec || jsonb_strip_nulls(jsonb_build_object('env', streamspace_rules.session_environment(r.spec, s.parameters)))),
		'namespace', 'streamspace-sessions',
		'memory', CASE WHEN s.memory_mib % 1024 = 0 THEN s.memory_mib / 1024 || 'Gi' ELSE s.memory_mib || 'Mi' END,
		'cpu', s.millicores || 'm',
		-- A 2.0 agent keeps homes by itself.
		'persistentHome', CASE WHEN a.protocol_version < 3 THEN coalesce((r.spec ->> 'persistentHome')::boolean, true) ELSE s.home_id IS NOT NULL END,
		'home', CASE WHEN s.home_id IS NOT NULL THEN jsonb_build_object('id', s.home_id, 'sizeMib', nullif(h.size_mib, 0)) END,
		'idleTimeout', NULL, 'maxSessionDuration', NULL,
		'tags', coalesce(r.spec -> 'tags', '[]'),
		'desiredState', s.desired_state, 'state', s.state, 'reason', s.reason, 'message', s.message,
		'revision', s.agent_revision, 'installationId', i.installation_id)
	INTO v_payload
	FROM streamspace_data.session AS s
	JOIN streamspace_data.org AS o ON o.org_id = s.org_id
	JOIN streamspace_data.app_user AS u ON u.org_id = s.org_id AND u.user_id = s.user_id
	JOIN streamspace_data.template AS t ON t.org_id = s.org_id AND t.template_id = s.template_id
	JOIN streamspace_data.template_revision AS r
		ON r.org_id = s.org_id AND r.template_id = s.template_id AND r.revision = s.template_revision
	LEFT JOIN streamspace_data.home AS h ON h.org_id = s.org_id AND h.home_id = s.home_id
	LEFT JOIN streamspace_data.agent AS a ON a.agent_id = s.agent_id
	CROSS JOIN streamspace_data.installation AS i
	WHERE s.session_id = p_session;
	RETURN v_payload;
END
$$;
COMMENT ON FUNCTION streamspace_rules.session_payload IS 'The whole desired state of a session, as a command carries it';
