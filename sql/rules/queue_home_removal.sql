CREATE FUNCTION streamspace_rules.queue_home_removal(p_org_id integer, p_home text, p_agent text) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
	IF EXISTS (SELECT FROM streamspace_data.agent_command AS c
		WHERE c.agent_id = p_agent AND c.object_kind = 'home' AND c.object_id = p_home AND c.state IN ('pending', 'sent', 'acked'))
	THEN
		RETURN;
	END IF;
	INSERT INTO streamspace_data.agent_command (command_id, org_id, agent_id, object_kind, object_id, action, revision, payload, created_at)
	SELECT streamspace_rules.new_id('c-'), h.org_id, p_agent, 'home', h.home_id, 'remove', h.revision,
		jsonb_build_object('homeId', h.home_id, 'revision', h.revision, 'installationId', i.installation_id), streamspace_rules.now()
	FROM streamspace_data.home AS h CROSS JOIN streamspace_data.installation AS i
	WHERE h.org_id = p_org_id AND h.home_id = p_home;
	PERFORM streamspace_rules.ring(p_agent);
END
$$;
COMMENT ON FUNCTION streamspace_rules.queue_home_removal IS 'Puts the removal of a home into the outbox of its agent, unless it is there';
