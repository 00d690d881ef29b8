CREATE FUNCTION streamspace.list_agents(p_approval text DEFAULT NULL, p_state text DEFAULT NULL,
	p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_role text := 'platform_admin';
	v_key text;
	v_ids text[];
	v_items jsonb;
BEGIN
	IF p_actor IS NULL THEN
		PERFORM streamspace_rules.enter_platform(p_actor, 'list_agents');
	ELSE
		SELECT e.role INTO v_role FROM streamspace_rules.enter(p_actor, 'list_agents') AS e;
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(streamspace_rules.check_limit(v_limit),
		CASE WHEN p_approval IS NOT NULL AND v_role <> 'platform_admin' THEN streamspace_rules.refusal('forbidden', jsonb_build_object('approval', left(p_approval, 100))) END,
		CASE WHEN p_approval NOT IN ('pending', 'approved', 'rejected') THEN streamspace_rules.invalid('/approval', 'pending, approved and rejected are allowed') END,
		CASE WHEN p_state NOT IN ('online', 'degraded', 'offline') THEN streamspace_rules.invalid('/state', 'is not a state of an agent') END));
	v_key := coalesce(streamspace_rules.decode_cursor(p_cursor, '^[A-Za-z0-9._-]{3,100}$'), '');
	SELECT array_agg(x.agent_id) INTO v_ids
	FROM (SELECT a.agent_id FROM streamspace_data.agent AS a
		WHERE a.agent_id > v_key AND (p_approval IS NULL OR a.approval = p_approval) AND (p_state IS NULL OR a.state = p_state)
		ORDER BY a.agent_id LIMIT v_limit + 1) AS x;
	SELECT coalesce(jsonb_agg(streamspace_rules.agent_json(i.agent_id, v_role = 'platform_admin') ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_ids[1:v_limit]) WITH ORDINALITY AS i (agent_id, position);
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_ids) > v_limit THEN streamspace_rules.encode_cursor(v_ids[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_agents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_agents TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_agents IS
	'A page of agents, by id: {items, next_cursor}. Platform administrators see all of an agent, others id, platform and state. p_state (online, degraded, offline) and, for platform administrators, p_approval (pending, approved, rejected) leave out the others. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, invalid_argument';
