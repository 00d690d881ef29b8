-- Lock order of every writer: sessions, then pools of users, groups, organisations and agents, each in its order.
CREATE FUNCTION streamspace_rules.admit_sessions(p_drafts streamspace_data.session[], p_items jsonb[], p_identities text[],
	OUT sessions text[], OUT refusals jsonb[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_n constant integer := cardinality(p_drafts);
	v_drafts streamspace_data.session[] := p_drafts;
	v_draft streamspace_data.session;
	v_quota record;
	v_place record;
	v_born record;
	v_items integer[] := ARRAY[]::integer[];
	v_pools integer[] := ARRAY[]::integer[];
	v_need bigint[];
	v_short jsonb[];
	v_blocked text[];
	v_now timestamptz := streamspace_rules.now();
BEGIN
	sessions := array_fill(NULL::text, ARRAY[v_n]);
	refusals := array_fill(NULL::jsonb, ARRAY[v_n]);
	v_need := array_fill(0::bigint, ARRAY[v_n, 4]);
	FOR i IN 1..v_n LOOP
		CONTINUE WHEN v_drafts[i].org_id IS NULL;
		v_draft := v_drafts[i];
		SELECT q.* INTO v_quota FROM streamspace_rules.quota_pools(v_draft.org_id, v_draft.user_id) AS q;
		refusals[i] := streamspace_rules.check_maxima(v_draft.millicores, v_draft.memory_mib, 0,
			v_quota.session_millicores, v_quota.session_memory_mib, v_quota.session_storage_mib);
		CONTINUE WHEN refusals[i] IS NOT NULL;
		v_draft.pools := v_quota.pools;
		v_draft.session_id := streamspace_rules.new_id('s-');
		v_drafts[i] := v_draft;
		v_items := v_items || array_fill(i, ARRAY[cardinality(v_quota.pools)]);
		v_pools := v_pools || v_quota.pools;
		v_need[i][1] := 1;
		v_need[i][2] := v_draft.millicores;
		v_need[i][3] := v_draft.memory_mib;
	END LOOP;
	IF v_pools = '{}' THEN
		RETURN;
	END IF;
	v_short := streamspace_rules.take_pools(v_items, v_pools, v_need);
	FOR i IN 1..v_n LOOP
		IF v_short[i] IS NOT NULL THEN
			refusals[i] := streamspace_rules.explain_shortage(v_short[i]);
		END IF;
	END LOOP;

	SELECT c.to_state, c.deadline, c.on_deadline, p.event AS place_event, p.to_state AS place_state, p.deadline AS place_deadline, p.on_deadline AS place_on_deadline
	INTO STRICT v_born
	FROM streamspace_data.session_transition AS c
	JOIN streamspace_data.session_transition AS p ON p.from_state = c.to_state AND p.event = 'place'
	WHERE c.from_state = 'none' AND c.event = 'create';
	v_blocked := streamspace_rules.blocked_agents();
	FOR i IN 1..v_n LOOP
		CONTINUE WHEN refusals[i] IS NOT NULL OR v_drafts[i].session_id IS NULL;
		v_draft := v_drafts[i];
		SELECT p.* INTO v_place FROM streamspace_rules.place_session(v_draft.org_id, v_draft.placement, NULL, v_need[i:i], v_n = 1, v_blocked) AS p;
		v_draft.agent_id := v_place.agent_id;
		v_draft.platform := coalesce(v_place.platform, v_draft.platform);
		v_draft.holds_place := v_place.agent_id IS NOT NULL;
		v_draft.reason := v_place.reason;
		v_draft.state := CASE WHEN v_draft.holds_place THEN v_born.place_state ELSE v_born.to_state END;
		v_draft.state_event := CASE WHEN v_draft.holds_place THEN v_born.place_event ELSE 'create' END;
		v_draft.deadline_at := v_now + CASE WHEN v_draft.holds_place THEN v_born.place_deadline ELSE v_born.deadline END;
		v_draft.on_deadline := CASE WHEN v_draft.holds_place THEN v_born.place_on_deadline ELSE v_born.on_deadline END;
		v_drafts[i] := v_draft;
		sessions[i] := v_draft.session_id;
	END LOOP;

	PERFORM set_config('streamspace.event', 'create', true);
	INSERT INTO streamspace_data.session (org_id, session_id, user_id, template_id, template_revision, parameters, name, platform, state, state_event,
		millicores, memory_mib, placement, pools, agent_id, holds_place, reason, deadline_at, on_deadline, created_at, updated_at, state_at)
	SELECT d.org_id, d.session_id, d.user_id, d.template_id, d.template_revision, d.parameters, d.name, d.platform, d.state, d.state_event,
		d.millicores, d.memory_mib, d.placement, d.pools, d.agent_id, d.holds_place, d.reason, d.deadline_at, d.on_deadline, v_now, v_now, v_now
	FROM unnest(v_drafts) AS d WHERE d.session_id = ANY (sessions);
	PERFORM set_config('streamspace.event', '', true);
	INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, reason, actor, details)
	SELECT d.org_id, d.session_id, e.event, e.from_state, e.to_state, 1, d.reason, d.identity, e.details
	FROM (SELECT x.*, i.identity FROM ROWS FROM (unnest(v_drafts)) WITH ORDINALITY AS x
		JOIN unnest(p_identities) WITH ORDINALITY AS i (identity, position) ON i.position = x.ordinality) AS d
	CROSS JOIN LATERAL (VALUES (1, 'create', 'none', v_born.to_state, NULL::jsonb),
		(2, v_born.place_event, v_born.to_state, v_born.place_state, jsonb_build_object('agent', d.agent_id))) AS e (step, event, from_state, to_state, details)
	WHERE d.session_id = ANY (sessions) AND (e.step = 1 OR d.holds_place)
	ORDER BY e.step;
	FOR i IN 1..v_n LOOP
		IF sessions[i] IS NOT NULL AND p_items[i] -> 'tags' IS NOT NULL THEN
			PERFORM streamspace_rules.label_session(sessions[i], ARRAY(SELECT jsonb_array_elements_text(p_items[i] -> 'tags')));
		END IF;
		IF sessions[i] IS NOT NULL AND p_items[i] ?| ARRAY['idle_seconds', 'max_seconds'] THEN
			PERFORM streamspace_rules.set_session_times(sessions[i], (p_items[i] ->> 'idle_seconds')::integer,
				(p_items[i] ->> 'max_seconds')::integer, p_identities[i], (p_items[i] ->> 'own')::boolean);
		END IF;
	END LOOP;
	INSERT INTO streamspace_data.agent_command (command_id, org_id, agent_id, object_kind, object_id, session_id,
		action, revision, payload, deadline_at, created_at)
	SELECT streamspace_rules.new_id('c-'), d.org_id, d.agent_id, 'session', d.session_id, d.session_id,
		streamspace_rules.session_action(d.state), 1, streamspace_rules.session_payload(d.session_id), d.deadline_at, v_now
	FROM unnest(v_drafts) AS d WHERE d.session_id = ANY (sessions) AND d.holds_place;
	PERFORM streamspace_rules.ring(a.agent_id)
	FROM (SELECT DISTINCT d.agent_id FROM unnest(v_drafts) AS d WHERE d.session_id = ANY (sessions) AND d.holds_place) AS a;
END
$$;
COMMENT ON FUNCTION streamspace_rules.admit_sessions IS
	'Counts drafts of sessions against quotas and capacity and makes them: for each draft the id of its session or its refusal. A draft without an organisation is passed over. p_items: what was asked for, p_identities: who asks, one a draft';
