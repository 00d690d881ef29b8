CREATE FUNCTION streamspace_rules.connection_json(p_connection text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object('id', c.connection_id, 'session', c.session_id, 'org', o.name, 'owner', u.name, 'viewer', c.viewer,
		'mode', c.mode, 'address', c.address, 'agent', c.agent_id, 'opened_at', c.opened_at, 'last_input_at', c.last_input_at,
		'received', c.received, 'sent', c.sent, 'closed_at', c.closed_at, 'reason', c.reason, 'revision', c.revision)
	INTO v_json
	FROM streamspace_data.connection AS c
	JOIN streamspace_data.org AS o ON o.org_id = c.org_id
	JOIN streamspace_data.app_user AS u ON u.org_id = c.org_id AND u.user_id = c.owner_id
	WHERE c.connection_id = p_connection;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.connection_json IS 'A viewer of a session as callers see it; NULL when it is not there or not visible';
