CREATE FUNCTION streamspace_rules.check_viewable(p_session streamspace_data.session) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_agent record;
	v_most integer;
	v_heard timestamptz := streamspace_rules.viewers_heard_since();
BEGIN
	IF p_session.state <> 'running' THEN
		RETURN streamspace_rules.refusal('session_not_running', jsonb_build_object('session', p_session.session_id, 'state', p_session.state));
	END IF;
	SELECT a.protocol_version, s.stream_id INTO STRICT v_agent
	FROM streamspace_data.agent AS a
	LEFT JOIN streamspace_data.agent_stream AS s ON s.agent_id = a.agent_id AND s.epoch = a.last_epoch AND a.approval = 'approved'
	WHERE a.agent_id = p_session.agent_id;
	IF v_agent.protocol_version < 3 THEN
		RETURN streamspace_rules.refusal('viewer_unsupported', jsonb_build_object('session', p_session.session_id, 'agent', p_session.agent_id));
	ELSIF v_agent.stream_id IS NULL THEN
		RETURN streamspace_rules.refusal('agent_unreachable', jsonb_build_object('session', p_session.session_id, 'agent', p_session.agent_id));
	END IF;
	SELECT i.viewers_per_session INTO STRICT v_most FROM streamspace_data.installation AS i;
	IF (SELECT count(*) FROM streamspace_data.connection AS c WHERE c.org_id = p_session.org_id AND c.session_id = p_session.session_id
			AND c.closed_at IS NULL AND c.reviewed_at >= v_heard) >= v_most THEN
		RETURN streamspace_rules.refusal('too_many_viewers', jsonb_build_object('session', p_session.session_id, 'limit', v_most));
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.check_viewable IS
	'Refusal for a session of which no viewer can be opened now, whoever asks, else NULL: session_not_running, viewer_unsupported, agent_unreachable, too_many_viewers';
