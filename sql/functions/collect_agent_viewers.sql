CREATE FUNCTION streamspace.collect_agent_viewers(p_agent text, p_activity_seconds integer DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_key record;
	v_now timestamptz := streamspace_rules.now();
	v_max constant integer := 5000;
	v_format constant text := 'YYYY-MM-DD"T"HH24:MI:SS"Z"';
	v_viewers jsonb;
	v_activity jsonb;
BEGIN
	SELECT k.* INTO v_key FROM streamspace_rules.find_agent_key(p_actor) AS k;
	IF v_key.kind <> 'agent' OR v_key.agent_id IS DISTINCT FROM p_agent
		OR NOT EXISTS (SELECT FROM streamspace_data.agent AS a WHERE a.agent_id = p_agent AND a.approval = 'approved')
	THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('unauthorized'));
	END IF;
	PERFORM streamspace_rules.raise_refusal(
		CASE WHEN p_activity_seconds NOT BETWEEN 1 AND 86400 THEN streamspace_rules.invalid('/activity_seconds', 'must be between 1 and 86400') END);
	-- Who has just gone is shown as gone for a moment.
	SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.connection_id, 'session', c.session_id, 'user', u.name, 'address', c.address,
			'state', CASE WHEN c.closed_at IS NOT NULL THEN 'disconnected' WHEN c.reviewed_at > v_now - interval '30 seconds' THEN 'active' ELSE 'stale' END,
			'connected_at', to_char(c.opened_at AT TIME ZONE 'UTC', v_format), 'heard_at', to_char(c.reviewed_at AT TIME ZONE 'UTC', v_format))
			ORDER BY c.connection_id), '[]') INTO v_viewers
	FROM (
		(SELECT x.* FROM streamspace_data.connection AS x WHERE x.agent_id = p_agent AND x.closed_at IS NULL ORDER BY x.connection_id LIMIT v_max + 1)
		UNION ALL
		(SELECT x.* FROM streamspace_data.connection AS x WHERE x.closed_at > v_now - interval '15 seconds' AND x.agent_id = p_agent LIMIT v_max)
	) AS c
	JOIN streamspace_data.app_user AS u ON u.org_id = c.user_org_id AND u.user_id = c.user_id;
	SELECT coalesce(jsonb_agg(jsonb_build_object('session', s.session_id, 'active_at', to_char(a.active_at AT TIME ZONE 'UTC', v_format)) ORDER BY s.session_id), '[]')
	INTO v_activity
	FROM streamspace_data.session AS s
	JOIN streamspace_data.session_activity AS a ON a.org_id = s.org_id AND a.session_id = s.session_id
	WHERE s.agent_id = p_agent AND s.state <> 'terminated'
		AND (p_activity_seconds IS NULL OR a.active_at > v_now - p_activity_seconds * interval '1 second');
	RETURN jsonb_build_object('agent', p_agent, 'read_at', to_char(v_now AT TIME ZONE 'UTC', v_format), 'activity', v_activity,
		'viewers', v_viewers, 'viewers_complete', jsonb_array_length(v_viewers) <= v_max);
END
$$;
REVOKE ALL ON FUNCTION streamspace.collect_agent_viewers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.collect_agent_viewers TO streamspace_api;
COMMENT ON FUNCTION streamspace.collect_agent_viewers IS
	'What the agent p_agent shows of viewers, as one answer of one moment: {agent, read_at, activity: [{session, active_at}], viewers: [{id, session, user, address, state, connected_at, heard_at}], viewers_complete}. Viewers that are open (state active, or stale when their server has said nothing of them for 30 seconds) and, for 15 seconds, those that are not any more (disconnected); of more than 5000 not all, and viewers_complete is false. activity: last input of sessions that are not terminated; p_activity_seconds: only of those within it. p_actor: SHA-256 of the key of this agent. Errors: actor_required, unauthorized, invalid_argument. For streamspaced only';
