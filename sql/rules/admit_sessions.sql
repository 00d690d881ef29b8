-- Lock order of every writer: users, organisations, agents, each in the order of their ids.
CREATE FUNCTION streamspace_rules.admit_sessions(p_drafts streamspace_data.session[], p_identities text[],
	OUT sessions text[], OUT refusals jsonb[])
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_draft streamspace_data.session;
	v_place record;
	v_event record;
	v_now timestamptz := streamspace_rules.now();
	v_id text;
	v_refusal jsonb;
BEGIN
	sessions := array_fill(NULL::text, ARRAY[cardinality(p_drafts)]);
	refusals := array_fill(NULL::jsonb, ARRAY[cardinality(p_drafts)]);
	IF cardinality(p_drafts) > 1 THEN
		PERFORM FROM streamspace_data.usage_user AS u
		WHERE (u.org_id, u.user_id) IN (SELECT d.org_id, d.user_id FROM unnest(p_drafts) AS d)
		ORDER BY u.org_id, u.user_id FOR NO KEY UPDATE;
		PERFORM FROM streamspace_data.usage_org AS o
		WHERE o.org_id IN (SELECT d.org_id FROM unnest(p_drafts) AS d)
		ORDER BY o.org_id FOR NO KEY UPDATE;
		PERFORM FROM streamspace_data.agent_load AS l ORDER BY l.agent_id FOR NO KEY UPDATE;
	END IF;
	FOR i IN 1..cardinality(p_drafts) LOOP
		v_draft := p_drafts[i];
		CONTINUE WHEN v_draft.org_id IS NULL;
		PERFORM streamspace_rules.set_org(v_draft.org_id);
		v_refusal := streamspace_rules.take_quota(v_draft.org_id, v_draft.user_id);
		IF v_refusal IS NOT NULL THEN
			refusals[i] := v_refusal;
			CONTINUE;
		END IF;
		SELECT p.* INTO v_place FROM streamspace_rules.place_session(ARRAY(SELECT jsonb_array_elements_text(v_draft.placement -> 'platforms'))) AS p;
		v_id := streamspace_rules.new_id('s-');
		INSERT INTO streamspace_data.session (org_id, session_id, user_id, template_id, template_revision, parameters, platform,
			millicores, memory_mib, placement,
			agent_id, holds_place, reason, deadline_at, on_deadline, created_at, updated_at, state_at)
		SELECT v_draft.org_id, v_id, v_draft.user_id, v_draft.template_id, v_draft.template_revision, v_draft.parameters,
			coalesce(v_place.platform, v_draft.platform), v_draft.millicores, v_draft.memory_mib, v_draft.placement,
			v_place.agent_id, v_place.agent_id IS NOT NULL, v_place.reason,
			v_now + t.deadline, t.on_deadline, v_now, v_now, v_now
		FROM streamspace_data.session_transition AS t WHERE t.from_state = 'none' AND t.event = 'create';
		INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, reason, actor)
		VALUES (v_draft.org_id, v_id, 'create', 'none', 'pending', 1, v_place.reason, p_identities[i]);
		IF v_place.agent_id IS NOT NULL THEN
			SELECT e.* INTO v_event FROM streamspace_rules.apply_event(v_id, 'place', p_identities[i],
				p_details => jsonb_build_object('agent', v_place.agent_id)) AS e;
			PERFORM streamspace_rules.raise_refusal(v_event.refusal);
		END IF;
		sessions[i] := v_id;
	END LOOP;
END
$$;
COMMENT ON FUNCTION streamspace_rules.admit_sessions IS
	'Counts drafts of sessions against limits and capacity and makes them: for each draft the id of its session or its refusal. A draft without an organisation is passed over. p_identities: who asks, one a draft';
