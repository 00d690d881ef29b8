CREATE FUNCTION streamspace_rules.queue_template_command(p_org_id integer, p_name text, p_agent text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_template record;
	v_agent record;
	v_now timestamptz := streamspace_rules.now();
BEGIN
	SELECT o.name AS org_name, t.revision, t.deleted_at, r.spec, r.platforms INTO STRICT v_template
	FROM streamspace_data.template AS t
	JOIN streamspace_data.org AS o ON o.org_id = t.org_id
	JOIN streamspace_data.template_revision AS r
		ON r.org_id = t.org_id AND r.template_id = t.template_id AND r.revision = t.revision
	WHERE t.org_id = p_org_id AND t.name = p_name;
	FOR v_agent IN
		SELECT a.agent_id FROM streamspace_data.agent AS a
		WHERE a.approval = 'approved' AND a.protocol_version >= 3 AND a.platform = 'kubernetes'
			AND a.platform = ANY (v_template.platforms) AND (p_agent IS NULL OR a.agent_id = p_agent)
		ORDER BY a.agent_id
	LOOP
		UPDATE streamspace_data.agent_command AS c SET state = 'superseded', finished_at = v_now
		WHERE c.agent_id = v_agent.agent_id AND c.object_kind = 'template' AND c.object_id = p_name || '.' || v_template.org_name
			AND c.state IN ('pending', 'sent', 'acked') AND c.state = 'pending';
		INSERT INTO streamspace_data.agent_command (command_id, org_id, agent_id, object_kind, object_id, action, revision, payload, created_at)
		VALUES (streamspace_rules.new_id('c-'), p_org_id, v_agent.agent_id, 'template', p_name || '.' || v_template.org_name,
			CASE WHEN v_template.deleted_at IS NULL THEN 'apply' ELSE 'remove' END, v_template.revision,
			jsonb_build_object('name', p_name || '.' || v_template.org_name, 'revision', v_template.revision)
			|| CASE WHEN v_template.deleted_at IS NULL THEN jsonb_build_object('spec', v_template.spec) ELSE '{}' END, v_now);
		PERFORM streamspace_rules.ring(v_agent.agent_id);
	END LOOP;
END
$$;
COMMENT ON FUNCTION streamspace_rules.queue_template_command IS
	'Puts the current content of a template, or its removal when it is deleted, into the outbox of every approved Kubernetes agent that speaks protocol 3, or of one of them: there a template has a projection';
