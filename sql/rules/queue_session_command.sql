CREATE FUNCTION streamspace_rules.queue_session_command(p_session text, p_action text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_session streamspace_data.session;
	v_command text := streamspace_rules.new_id('c-');
	v_now timestamptz := streamspace_rules.now();
BEGIN
	SELECT s.* INTO STRICT v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	UPDATE streamspace_data.agent_command AS c SET state = 'superseded', finished_at = v_now, lease_until = NULL
	WHERE c.agent_id = v_session.agent_id AND c.object_kind = 'session' AND c.object_id = p_session
		AND c.state IN ('pending', 'sent', 'acked')
		AND (c.state = 'pending' OR (c.epoch < (SELECT a.last_epoch FROM streamspace_data.agent AS a WHERE a.agent_id = v_session.agent_id)))
		AND c.revision <= v_session.agent_revision;
	INSERT INTO streamspace_data.agent_command (command_id, org_id, agent_id, object_kind, object_id, session_id,
		action, revision, payload, deadline_at, created_at)
	VALUES (v_command, v_session.org_id, v_session.agent_id, 'session', p_session, p_session,
		p_action, v_session.agent_revision, streamspace_rules.session_payload(p_session), v_session.deadline_at, v_now);
	-- Whoever queues many rings once for each agent, at its end.
	IF current_setting('streamspace.ring', true) IS DISTINCT FROM 'later' THEN
		PERFORM streamspace_rules.ring(v_session.agent_id);
	END IF;
	RETURN v_command;
END
$$;
COMMENT ON FUNCTION streamspace_rules.queue_session_command IS
	'Puts the present desired state of a session into the outbox of its agent; an older command that was not sent is superseded. Returns the id of the command';
