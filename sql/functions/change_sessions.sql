-- Locks: the sessions in the order of their ids, their commands in the order of their numbers, then what apply_event() says.
CREATE FUNCTION streamspace.change_sessions(p_sessions text[] DEFAULT NULL, p_action text DEFAULT NULL, p_argument text DEFAULT NULL,
	p_filter jsonb DEFAULT NULL, p_all_or_nothing boolean DEFAULT false, p_org text DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('sessions', to_jsonb(p_sessions[1:10001]), 'action', left(p_action, 200), 'argument', left(p_argument, 200),
		'filter', p_filter, 'all_or_nothing', coalesce(p_all_or_nothing, false), 'org', left(p_org, 200));
	v_me record;
	v_owner_id integer;
	v_ids text[];
	v_more boolean := false;
	v_rows jsonb;
	v_legal text[];
	v_refused integer;
	v_event record;
	v_id text;
	v_ended text[] := ARRAY[]::text[];
	v_freed text[] := ARRAY[]::text[];
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.change_sessions(p_sessions, p_action, p_argument, p_filter, p_all_or_nothing, p_org, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'change_sessions', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	v_answer := streamspace_rules.find_request(v_me.identity, 'change_sessions', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		CASE WHEN p_action IS NULL OR p_action NOT IN ('hibernate', 'wake', 'terminate', 'add_tag', 'remove_tag')
			THEN streamspace_rules.invalid('/action', 'hibernate, wake, terminate, add_tag or remove_tag is required') END,
		CASE WHEN p_action IN ('add_tag', 'remove_tag') THEN streamspace_rules.check_tag('/argument', p_argument)
			WHEN p_argument IS NOT NULL THEN streamspace_rules.invalid('/argument', 'is not taken by this action') END,
		CASE WHEN num_nonnulls(p_sessions, p_filter) <> 1 THEN streamspace_rules.invalid('/sessions', 'either sessions or a filter is required')
			WHEN cardinality(p_sessions) > 10000 THEN streamspace_rules.invalid('/sessions', 'at most 10000 elements are allowed')
			WHEN array_position(p_sessions, NULL) IS NOT NULL THEN streamspace_rules.invalid('/sessions', 'an element is null') END,
		streamspace_rules.check_keys('/filter', p_filter, ARRAY['state', 'owner', 'template', 'tag']),
		streamspace_rules.check_text('/filter/state', p_filter -> 'state', 20, '^(pending|starting|running|hibernating|hibernated|waking|terminating|terminated|failed)$'),
		streamspace_rules.check_text('/filter/owner', p_filter -> 'owner', 200),
		streamspace_rules.check_text('/filter/template', p_filter -> 'template', 200),
		streamspace_rules.check_text('/filter/tag', p_filter -> 'tag', 63)));

	-- Which: those that are named, or the oldest that the filter finds. What the actor does not reach looks like none.
	IF v_me.reach = 'own' THEN
		v_owner_id := v_me.user_id;
		IF p_filter ->> 'owner' <> v_me.name THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden', jsonb_build_object('owner', left(p_filter ->> 'owner', 100))));
		END IF;
	ELSIF p_filter ->> 'owner' IS NOT NULL THEN
		SELECT u.user_id INTO v_owner_id FROM streamspace_data.app_user AS u WHERE u.org_id = v_me.org_id AND u.name = p_filter ->> 'owner';
		IF NOT FOUND THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('user_not_found', jsonb_build_object('user', left(p_filter ->> 'owner', 100))));
		END IF;
	END IF;
	IF p_filter IS NULL THEN
		v_ids := ARRAY(SELECT DISTINCT n.id COLLATE "C" FROM unnest(p_sessions) AS n (id));
	ELSE
		v_ids := ARRAY(SELECT s.session_id FROM streamspace_data.session AS s
			WHERE s.org_id = v_me.org_id AND (v_owner_id IS NULL OR s.user_id = v_owner_id)
				AND CASE WHEN p_filter ->> 'state' IS NOT NULL THEN s.state = p_filter ->> 'state' ELSE s.state <> 'terminated' END
				AND (p_filter ->> 'template' IS NULL OR s.template_id = (SELECT t.template_id FROM streamspace_data.template AS t
					WHERE t.org_id = v_me.org_id AND t.name = p_filter ->> 'template'))
				AND (p_filter ->> 'tag' IS NULL OR EXISTS (SELECT FROM streamspace_data.session_tag AS g
					WHERE g.org_id = s.org_id AND g.session_id = s.session_id AND g.tag = p_filter ->> 'tag'))
				AND (p_action <> 'add_tag' OR NOT EXISTS (SELECT FROM streamspace_data.session_tag AS g
					WHERE g.org_id = s.org_id AND g.session_id = s.session_id AND g.tag = p_argument))
				AND (p_action <> 'remove_tag' OR EXISTS (SELECT FROM streamspace_data.session_tag AS g
					WHERE g.org_id = s.org_id AND g.session_id = s.session_id AND g.tag = p_argument))
			ORDER BY s.created_at, s.session_id LIMIT 10001);
		v_more := cardinality(v_ids) > 10000;
		v_ids := v_ids[1:10000];
	END IF;
	PERFORM FROM streamspace_data.session AS s
	WHERE s.org_id = v_me.org_id AND s.session_id = ANY (v_ids) AND (v_me.reach <> 'own' OR s.user_id = v_me.user_id)
	ORDER BY s.session_id FOR NO KEY UPDATE;

	-- What each of them says to it, before any of them is changed.
	SELECT jsonb_agg(jsonb_build_object('session', n.id) || CASE
			WHEN s.session_id IS NULL THEN jsonb_build_object('result', 'session_not_found', 'detail', jsonb_build_object('session', left(n.id, 100)))
			WHEN p_action IN ('hibernate', 'wake', 'terminate') AND t.event IS NULL THEN jsonb_build_object('result', 'invalid_transition',
				'detail', jsonb_build_object('session', n.id, 'state', s.state, 'event', p_action))
			WHEN p_action = 'add_tag' AND g.others >= 32 THEN jsonb_build_object('result', 'invalid_argument',
				'detail', jsonb_build_object('pointer', '/argument', 'reason', 'the session has 32 tags'))
			ELSE '{"result": "ok", "detail": null}' END ORDER BY n.id),
		coalesce(array_agg(n.id ORDER BY n.id) FILTER (WHERE s.session_id IS NOT NULL AND (t.event IS NOT NULL OR p_action IN ('add_tag', 'remove_tag'))
			AND (p_action <> 'add_tag' OR g.others < 32)), '{}')
	INTO v_rows, v_legal
	FROM unnest(v_ids) AS n (id)
	LEFT JOIN streamspace_data.session AS s ON s.org_id = v_me.org_id AND s.session_id = n.id AND (v_me.reach <> 'own' OR s.user_id = v_me.user_id)
	LEFT JOIN streamspace_data.session_transition AS t ON t.from_state = s.state AND t.event = p_action
	LEFT JOIN LATERAL (SELECT count(*) AS others FROM streamspace_data.session_tag AS x
		WHERE p_action = 'add_tag' AND x.org_id = s.org_id AND x.session_id = s.session_id AND x.tag <> p_argument) AS g ON true;
	v_rows := coalesce(v_rows, '[]');
	v_refused := cardinality(v_ids) - cardinality(v_legal);
	IF p_all_or_nothing AND v_refused > 0 THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('bulk_refused', jsonb_build_object('refused', v_refused, 'items',
			(SELECT jsonb_agg(r.item) FROM (SELECT x.item FROM jsonb_array_elements(v_rows) AS x (item) WHERE x.item ->> 'result' <> 'ok' LIMIT 100) AS r))));
	END IF;

	IF p_action IN ('add_tag', 'remove_tag') THEN
		PERFORM streamspace_rules.tag_sessions(v_me.org_id, v_legal, p_action, p_argument, v_me.identity);
	ELSE
		PERFORM FROM streamspace_data.agent_command AS c
		WHERE c.org_id = v_me.org_id AND c.session_id = ANY (v_legal) AND c.state IN ('pending', 'sent', 'acked')
		ORDER BY c.command_number FOR NO KEY UPDATE;
		-- One ring for each agent, when all is written.
		PERFORM set_config('streamspace.ring', 'later', true);
		FOREACH v_id IN ARRAY v_legal LOOP
			SELECT e.* INTO v_event FROM streamspace_rules.apply_event(v_id, p_action, v_me.identity, p_release => false) AS e;
			PERFORM streamspace_rules.raise_refusal(v_event.refusal);
			v_ended := v_ended || v_event.ended;
			v_freed := v_freed || v_event.freed;
		END LOOP;
		PERFORM set_config('streamspace.ring', '', true);
		PERFORM streamspace_rules.release(v_ended, v_freed);
		PERFORM streamspace_rules.ring(a.agent_id) FROM (SELECT DISTINCT s.agent_id FROM streamspace_data.session AS s
			WHERE s.org_id = v_me.org_id AND s.session_id = ANY (v_legal) AND s.agent_id IS NOT NULL ORDER BY s.agent_id) AS a;
	END IF;
	v_answer := jsonb_build_object('changed', cardinality(v_legal), 'refused', v_refused, 'more', v_more, 'items', v_rows);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'change_sessions', v_arguments, p_request_id, NULL, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.change_sessions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.change_sessions TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.change_sessions IS
	'Does one thing to many sessions of an organisation, up to 10000, in one transaction. Which: p_sessions (ids), or p_filter {state, owner, template, tag}, joined by and (without a state, all but the terminated ones; more is true when there were over 10000 and the oldest were taken). p_action: hibernate, wake, terminate, add_tag or remove_tag, the last two with the tag as p_argument. Returns {changed, refused, more, items: [{session, result, detail}]} with result ok or the error code of that session; ok is also what was so already. Users reach their own sessions: a share, of control too, does not count here. With p_all_or_nothing one refusal refuses all: bulk_refused, whose detail has the first 100. Errors: actor_required, unauthorized, forbidden, org_not_found, user_not_found, bulk_refused, invalid_argument, request_in_flight, request_mismatch';
