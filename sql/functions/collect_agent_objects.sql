CREATE FUNCTION streamspace.collect_agent_objects(p_agent text, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_agent record;
	v_objects jsonb;
BEGIN
	IF p_actor IS NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('actor_required'));
	ELSIF NOT EXISTS (SELECT FROM streamspace_data.cleanup_key AS k WHERE k.key_hash = p_actor AND k.agent_id = p_agent) THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('unauthorized'));
	END IF;
	SELECT a.agent_id, a.platform, a.last_epoch INTO v_agent FROM streamspace_data.agent AS a WHERE a.agent_id = p_agent;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('agent_not_found', jsonb_build_object('agent', left(p_agent, 100))));
	END IF;
	-- In one statement, so of one moment. A session that is terminated here may still have objects there, which the agent settles.
	SELECT coalesce(jsonb_agg(jsonb_build_object('kind', x.kind, 'id', x.id, 'revision', x.revision) ORDER BY x.kind, x.id), '[]')
	INTO v_objects
	FROM (SELECT 'session' AS kind, s.session_id AS id, coalesce(s.agent_revision, 0) AS revision FROM streamspace_data.session AS s
			WHERE s.agent_id = p_agent AND (s.state <> 'terminated' OR s.cleanup_debt)
		UNION ALL
		SELECT 'template', t.name || '.' || o.name, t.revision FROM streamspace_data.template AS t
			JOIN streamspace_data.org AS o ON o.org_id = t.org_id
			JOIN streamspace_data.template_revision AS r
				ON r.org_id = t.org_id AND r.template_id = t.template_id AND r.revision = t.revision
			WHERE t.deleted_at IS NULL AND v_agent.platform = ANY (r.platforms)) AS x;
	-- generation() first looks whether the database was restored.
	RETURN jsonb_build_object('agent', p_agent, 'generation', streamspace_rules.generation(), 'epoch', v_agent.last_epoch,
		'read_at', clock_timestamp(), 'objects', v_objects, 'count', jsonb_array_length(v_objects), 'objects_complete', true)
		|| (SELECT jsonb_build_object('installation_id', i.installation_id) FROM streamspace_data.installation AS i);
END
$$;
REVOKE ALL ON FUNCTION streamspace.collect_agent_objects FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.collect_agent_objects TO streamspace_api;
COMMENT ON FUNCTION streamspace.collect_agent_objects IS
	'All that may stand in the cluster of the agent p_agent, as one answer of one moment, never a page: {agent, installation_id, generation, epoch, read_at, objects: [{kind, id, revision}], count, objects_complete}. kind session: those that are not terminated, or whose end the agent still owes; kind template: those that have a projection there. objects_complete is the last member: an answer without it, or with another number of objects than count, is not whole. p_actor: SHA-256 of the cleanup key of this agent (set_cleanup_key), which opens nothing else. Errors: actor_required, unauthorized, agent_not_found. For streamspaced only';
