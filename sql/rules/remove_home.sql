-- The home is locked by the caller.
CREATE FUNCTION streamspace_rules.remove_home(p_org_id integer, p_home text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_home streamspace_data.home;
	v_agent record;
BEGIN
	SELECT h.* INTO STRICT v_home FROM streamspace_data.home AS h WHERE h.org_id = p_org_id AND h.home_id = p_home;
	IF v_home.session_id IS NOT NULL THEN
		RETURN streamspace_rules.refusal('home_in_use', jsonb_build_object('home', p_home, 'name', v_home.name, 'session', v_home.session_id));
	ELSIF v_home.state <> 'kept' THEN
		RETURN NULL;
	END IF;
	SELECT a.agent_id, a.protocol_version INTO v_agent
	FROM streamspace_data.home_location AS l JOIN streamspace_data.agent AS a ON a.agent_id = l.agent_id
	WHERE l.org_id = p_org_id AND l.home_id = p_home;
	IF v_agent.protocol_version < 3 THEN
		RETURN streamspace_rules.refusal('home_not_removable', jsonb_build_object('home', p_home, 'agent', v_agent.agent_id));
	END IF;
	UPDATE streamspace_data.home AS h SET state = CASE WHEN v_agent.agent_id IS NULL THEN 'deleted' ELSE 'deleting' END,
		delete_at = NULL, revision = h.revision + 1, updated_at = streamspace_rules.now()
	WHERE h.org_id = p_org_id AND h.home_id = p_home;
	IF v_agent.agent_id IS NOT NULL THEN
		PERFORM streamspace_rules.queue_home_removal(p_org_id, p_home, v_agent.agent_id);
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION streamspace_rules.remove_home IS
	'Gives a home up: its agent removes it, or it is gone at once when none has it; nothing for one that is given up already. Refusals home_in_use, home_not_removable. The caller gives its storage back';
