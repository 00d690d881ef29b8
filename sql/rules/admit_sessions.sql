-- Lock order of every writer: sessions, homes, then pools of users, groups, organisations and agents, each in its order.
CREATE FUNCTION streamspace_rules.admit_sessions(p_drafts streamspace_data.session[], p_items jsonb[], p_identities text[],
	OUT sessions text[], OUT refusals jsonb[])
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_n constant integer := cardinality(p_drafts);
	v_drafts streamspace_data.session[] := p_drafts;
	v_draft streamspace_data.session;
	i integer;
	v_template text;
	v_spec jsonb;
	v_home record;
	v_home_agents text[] := array_fill(NULL::text, ARRAY[v_n]);
	v_made boolean[] := array_fill(NULL::boolean, ARRAY[v_n]);
	v_quota record;
	v_place record;
	v_born record;
	v_items integer[] := ARRAY[]::integer[];
	v_pools integer[] := ARRAY[]::integer[];
	v_need bigint[];
	v_short jsonb[];
	v_blocked text[];
	v_together streamspace_data.session[];
	v_agents text[] := array_fill(NULL::text, ARRAY[v_n]);
	v_platforms text[] := v_agents;
	v_now timestamptz := streamspace_rules.now();
BEGIN
	sessions := array_fill(NULL::text, ARRAY[v_n]);
	refusals := array_fill(NULL::jsonb, ARRAY[v_n]);
	v_need := array_fill(0::bigint, ARRAY[v_n, 4]);
	-- Homes come before what is counted, and where two calls may want the same one, in one order.
	FOR i, v_template, v_spec IN
		SELECT d.ordinality, t.name, r.spec
		FROM ROWS FROM (unnest(p_drafts)) WITH ORDINALITY AS d
		JOIN streamspace_data.template AS t ON t.org_id = d.org_id AND t.template_id = d.template_id
		JOIN streamspace_data.template_revision AS r
			ON r.org_id = d.org_id AND r.template_id = d.template_id AND r.revision = d.template_revision
		ORDER BY d.org_id, d.user_id, coalesce(p_items[d.ordinality] ->> 'home', t.name), d.ordinality
	LOOP
		v_draft := v_drafts[i];
		SELECT q.* INTO v_quota FROM streamspace_rules.quota_pools(v_draft.org_id, v_draft.user_id) AS q;
		v_draft.pools := v_quota.pools;
		v_draft.session_id := streamspace_rules.new_id('s-');
		SELECT k.* INTO v_home FROM streamspace_rules.take_home(v_draft.org_id, v_draft.user_id, p_items[i] ->> 'home', v_template,
			v_draft.template_id, v_spec, v_draft.session_id, v_quota.pools) AS k;
		v_draft.home_id := v_home.home_id;
		v_home_agents[i] := v_home.agent_id;
		v_made[i] := v_home.made;
		v_drafts[i] := v_draft;
		refusals[i] := coalesce(v_home.refusal, streamspace_rules.check_maxima(v_draft.millicores, v_draft.memory_mib, v_home.storage_mib,
			v_quota.session_millicores, v_quota.session_memory_mib, v_quota.session_storage_mib));
		IF refusals[i] IS NOT NULL THEN
			PERFORM streamspace_rules.give_home_back(v_draft.org_id, v_draft.home_id, v_made[i]);
			CONTINUE;
		END IF;
		v_items := v_items || array_fill(i, ARRAY[cardinality(v_quota.pools)]);
		v_pools := v_pools || v_quota.pools;
		v_need[i][1] := 1;
		v_need[i][2] := v_draft.millicores;
		v_need[i][3] := v_draft.memory_mib;
		v_need[i][4] := v_home.storage_mib;
	END LOOP;
	IF v_pools = '{}' THEN
		RETURN;
	END IF;
	v_short := streamspace_rules.take_pools(v_items, v_pools, v_need);
	FOR i IN 1..v_n LOOP
		IF v_short[i] IS NOT NULL THEN
			refusals[i] := streamspace_rules.explain_shortage(v_short[i]);
			PERFORM streamspace_rules.give_home_back(v_drafts[i].org_id, v_drafts[i].home_id, v_made[i]);
		END IF;
	END LOOP;

	SELECT c.to_state, c.deadline, c.on_deadline, p.event AS place_event, p.to_state AS place_state, p.deadline AS place_deadline, p.on_deadline AS place_on_deadline
	INTO STRICT v_born
	FROM streamspace_data.session_transition AS c
	JOIN streamspace_data.session_transition AS p ON p.from_state = c.to_state AND p.event = 'place'
	WHERE c.from_state = 'none' AND c.event = 'create';
	v_blocked := streamspace_rules.blocked_agents();
	IF v_n > 1 THEN
		FOR i IN 1..v_n LOOP
			v_draft := v_drafts[i];
			IF refusals[i] IS NOT NULL OR v_home_agents[i] IS NOT NULL THEN
				v_draft.session_id := NULL;
			END IF;
			v_need[i][4] := 0; -- an agent has no storage of its own
			v_together[i] := v_draft;
		END LOOP;
		SELECT s.agents, s.platforms INTO v_agents, v_platforms FROM streamspace_rules.spread_sessions(v_together, v_need, v_blocked) AS s;
	END IF;
	FOR i IN 1..v_n LOOP
		CONTINUE WHEN refusals[i] IS NOT NULL OR v_drafts[i].session_id IS NULL;
		v_draft := v_drafts[i];
		v_need[i][4] := 0; -- an agent has no storage of its own
		IF v_agents[i] IS NOT NULL THEN
			SELECT v_agents[i] AS agent_id, v_platforms[i] AS platform, NULL::text AS reason INTO v_place;
		ELSE
			SELECT p.* INTO v_place FROM streamspace_rules.place_session(v_draft.org_id, v_draft.placement, v_home_agents[i], v_need[i:i], v_n = 1, v_blocked) AS p;
		END IF;
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
	INSERT INTO streamspace_data.session (org_id, session_id, user_id, template_id, template_revision, parameters, name, home_id, platform, state, state_event,
		millicores, memory_mib, placement, pools, agent_id, holds_place, reason, deadline_at, on_deadline, created_at, updated_at, state_at)
	SELECT d.org_id, d.session_id, d.user_id, d.template_id, d.template_revision, d.parameters, d.name, d.home_id, d.platform, d.state, d.state_event,
		d.millicores, d.memory_mib, d.placement, d.pools, d.agent_id, d.holds_place, d.reason, d.deadline_at, d.on_deadline, v_now, v_now, v_now
	FROM unnest(v_drafts) AS d WHERE d.session_id = ANY (sessions);
	PERFORM set_config('streamspace.event', '', true);
	INSERT INTO streamspace_data.home_location (org_id, home_id, agent_id, since)
	SELECT d.org_id, d.home_id, d.agent_id, v_now FROM unnest(v_drafts) AS d
	WHERE d.session_id = ANY (sessions) AND d.home_id IS NOT NULL AND d.holds_place
	ON CONFLICT ON CONSTRAINT home_location_pkey DO NOTHING;
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
			PERFORM streamspace_rules.set_session_times(sessions[i], (p_items[i] ->> 'idle_seconds')::numeric::integer,
				(p_items[i] ->> 'max_seconds')::numeric::integer, p_identities[i], (p_items[i] ->> 'own')::boolean);
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
