CREATE FUNCTION streamspace.session_as_of(p_session text, p_at timestamptz, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
	v_row jsonb;
	v_session streamspace_data.session;
	v_change record;
	v_begins timestamptz;
	v_tags text[];
	v_json jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'session_as_of', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	IF p_at IS NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/at', 'is required'));
	END IF;
	SELECT s.* INTO STRICT v_session FROM streamspace_data.session AS s WHERE s.org_id = v_me.org_id AND s.session_id = p_session;
	IF p_at < v_session.created_at THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('session_not_yet_there',
			jsonb_build_object('session', p_session, 'created_at', v_session.created_at)));
	END IF;
	SELECT greatest(i.history_begins_at, date_trunc('month', (streamspace_rules.now() - i.event_retention) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')
	INTO STRICT v_begins FROM streamspace_data.installation AS i;
	IF p_at < v_begins THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('history_not_kept',
			jsonb_build_object('session', p_session, 'kept_since', v_begins)));
	END IF;

	-- The present row, with every later change taken back, the newest first.
	v_row := to_jsonb(v_session);
	SELECT array_agg(g.tag) INTO v_tags FROM streamspace_data.session_tag AS g WHERE g.org_id = v_me.org_id AND g.session_id = p_session;
	FOR v_change IN
		SELECT c.was FROM streamspace_data.session_change AS c
		WHERE c.org_id = v_me.org_id AND c.session_id = p_session AND c.at > p_at ORDER BY c.at DESC, c.change_id DESC
	LOOP
		IF v_change.was ? 'tag_added' THEN
			v_tags := array_remove(v_tags, v_change.was ->> 'tag_added');
		ELSIF v_change.was ? 'tag_removed' THEN
			v_tags := array_append(v_tags, v_change.was ->> 'tag_removed');
		ELSE
			v_row := v_row || v_change.was;
		END IF;
	END LOOP;
	v_session := jsonb_populate_record(v_session, v_row);

	SELECT jsonb_build_object('as_of', p_at, 'id', p_session, 'org', o.name, 'owner', u.name, 'name', v_session.name, 'notes', v_session.notes,
		'tags', coalesce((SELECT jsonb_agg(g.tag ORDER BY g.tag COLLATE "C") FROM unnest(v_tags) AS g (tag)), '[]'),
		'template', t.name, 'template_revision', v_session.template_revision, 'parameters', v_session.parameters,
		'millicores', v_session.millicores, 'memory_mib', v_session.memory_mib, 'placement', v_session.placement,
		'home', (SELECT jsonb_build_object('id', h.home_id, 'name', h.name) FROM streamspace_data.home AS h
			WHERE h.org_id = o.org_id AND h.home_id = v_session.home_id),
		'platform', v_session.platform, 'agent', v_session.agent_id, 'state', v_session.state, 'desired_state', v_session.desired_state,
		'observed_state', v_session.observed_state, 'reason', v_session.reason, 'message', v_session.message,
		'progress', v_session.progress, 'deadline_at', v_session.deadline_at, 'revision', v_session.revision,
		'created_at', v_session.created_at, 'state_at', v_session.state_at)
	INTO v_json
	FROM streamspace_data.org AS o
	JOIN streamspace_data.app_user AS u ON u.org_id = o.org_id AND u.user_id = v_session.user_id
	JOIN streamspace_data.template AS t ON t.org_id = o.org_id AND t.template_id = v_session.template_id
	WHERE o.org_id = v_me.org_id;
	RETURN v_json;
END
$$;
REVOKE ALL ON FUNCTION streamspace.session_as_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.session_as_of TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.session_as_of IS
	'What p_session looked like at p_at: {as_of, id, org, owner, name, notes, tags, template, template_revision, parameters, millicores, memory_mib, placement, home, platform, agent, state, desired_state, observed_state, reason, message, progress, deadline_at, revision, created_at, state_at}, millicores and memory_mib being what it takes. Reaches as far back as event_retention says. For whoever may see the session. Errors: actor_required, unauthorized, forbidden, scope_required, session_not_found, session_not_yet_there, history_not_kept, invalid_argument';
