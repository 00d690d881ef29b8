CREATE FUNCTION streamspace.list_sessions(p_state text DEFAULT NULL, p_owner text DEFAULT NULL, p_org text DEFAULT NULL,
	p_template text DEFAULT NULL, p_tag text DEFAULT NULL, p_shared boolean DEFAULT false,
	p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_me record;
	v_owner_id integer;
	v_template_id integer;
	v_now timestamptz := streamspace_rules.now();
	v_key text;
	v_at timestamptz := 'infinity'::timestamptz;
	v_id text := '';
	v_ids text[];
	v_times timestamptz[];
	v_items jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_sessions', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	IF p_state NOT IN ('pending', 'starting', 'running', 'hibernating', 'hibernated', 'waking', 'terminating', 'terminated', 'failed') THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/state', 'is not a state of a session'));
	END IF;
	IF p_tag IS NOT NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_tag('/tag', p_tag));
	END IF;
	IF v_me.reach = 'own' THEN
		v_owner_id := CASE WHEN NOT coalesce(p_shared, false) THEN v_me.user_id END;
		IF p_owner IS NOT NULL AND p_owner <> v_me.name THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden',
				jsonb_build_object('owner', left(p_owner, 100))));
		END IF;
	ELSIF p_owner IS NOT NULL THEN
		SELECT u.user_id INTO v_owner_id FROM streamspace_data.app_user AS u
		WHERE u.org_id = v_me.org_id AND u.name = p_owner;
		IF NOT FOUND THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('user_not_found',
				jsonb_build_object('user', left(p_owner, 100))));
		END IF;
	END IF;
	IF p_template IS NOT NULL THEN
		-- A template that the actor does not see looks like one that nobody has used.
		SELECT t.template_id INTO v_template_id FROM streamspace_data.template AS t WHERE t.org_id = v_me.org_id AND t.name = p_template;
		v_template_id := coalesce(v_template_id, 0);
	END IF;
	v_key := streamspace_rules.decode_cursor(p_cursor, '^[0-9]{1,17} s-[0-9a-z]{26}$');
	IF v_key IS NOT NULL THEN
		v_at := timestamptz 'epoch' + split_part(v_key, ' ', 1)::bigint * interval '1 microsecond';
		v_id := split_part(v_key, ' ', 2);
	END IF;

	-- One statement a filter, so that each has the plan of its own index; what else is asked for is looked at row by row.
	IF p_shared THEN
		-- A page of what is shared with the actor, and one for each of his groups; a session that is in several counts once.
		SELECT array_agg(x.session_id), array_agg(x.created_at) INTO v_ids, v_times
		FROM (SELECT h.session_id, h.session_created_at AS created_at
			FROM ((SELECT c.session_id, c.session_created_at FROM streamspace_data.session_share AS c
				JOIN streamspace_data.session AS s ON s.org_id = c.org_id AND s.session_id = c.session_id
				WHERE c.org_id = v_me.org_id AND c.user_id = v_me.user_id AND (c.session_created_at, c.session_id) < (v_at, v_id)
					AND (c.expires_at IS NULL OR c.expires_at > v_now)
					AND s.user_id <> v_me.user_id AND (v_owner_id IS NULL OR s.user_id = v_owner_id) AND (p_state IS NULL OR s.state = p_state)
					AND (v_template_id IS NULL OR s.template_id = v_template_id)
					AND (p_tag IS NULL OR EXISTS (SELECT FROM streamspace_data.session_tag AS g
						WHERE g.org_id = s.org_id AND g.session_id = s.session_id AND g.tag = p_tag))
				ORDER BY c.session_created_at DESC, c.session_id DESC LIMIT v_limit + 1)
			UNION
			SELECT p.session_id, p.session_created_at FROM streamspace_data.group_member AS m
			CROSS JOIN LATERAL (SELECT c.session_id, c.session_created_at FROM streamspace_data.session_share AS c
				JOIN streamspace_data.session AS s ON s.org_id = c.org_id AND s.session_id = c.session_id
				WHERE c.org_id = m.org_id AND c.group_id = m.group_id AND (c.session_created_at, c.session_id) < (v_at, v_id)
					AND (c.expires_at IS NULL OR c.expires_at > v_now)
					AND s.user_id <> v_me.user_id AND (v_owner_id IS NULL OR s.user_id = v_owner_id) AND (p_state IS NULL OR s.state = p_state)
					AND (v_template_id IS NULL OR s.template_id = v_template_id)
					AND (p_tag IS NULL OR EXISTS (SELECT FROM streamspace_data.session_tag AS g
						WHERE g.org_id = s.org_id AND g.session_id = s.session_id AND g.tag = p_tag))
				ORDER BY c.session_created_at DESC, c.session_id DESC LIMIT v_limit + 1) AS p
			WHERE m.org_id = v_me.org_id AND m.user_id = v_me.user_id) AS h
			ORDER BY h.session_created_at DESC, h.session_id DESC LIMIT v_limit + 1) AS x;
	ELSIF p_tag IS NOT NULL AND v_owner_id IS NOT NULL THEN
		SELECT array_agg(x.session_id), array_agg(x.created_at) INTO v_ids, v_times
		FROM (SELECT g.session_id, g.created_at FROM streamspace_data.session_tag AS g
			JOIN streamspace_data.session AS s ON s.org_id = g.org_id AND s.session_id = g.session_id
			WHERE g.org_id = v_me.org_id AND g.user_id = v_owner_id AND g.tag = p_tag AND (g.created_at, g.session_id) < (v_at, v_id)
				AND (p_state IS NULL OR s.state = p_state) AND (v_template_id IS NULL OR s.template_id = v_template_id)
			ORDER BY g.created_at DESC, g.session_id DESC LIMIT v_limit + 1) AS x;
	ELSIF p_tag IS NOT NULL THEN
		SELECT array_agg(x.session_id), array_agg(x.created_at) INTO v_ids, v_times
		FROM (SELECT g.session_id, g.created_at FROM streamspace_data.session_tag AS g
			JOIN streamspace_data.session AS s ON s.org_id = g.org_id AND s.session_id = g.session_id
			WHERE g.org_id = v_me.org_id AND g.tag = p_tag AND (g.created_at, g.session_id) < (v_at, v_id)
				AND (p_state IS NULL OR s.state = p_state) AND (v_template_id IS NULL OR s.template_id = v_template_id)
			ORDER BY g.created_at DESC, g.session_id DESC LIMIT v_limit + 1) AS x;
	ELSIF v_template_id IS NOT NULL AND v_owner_id IS NOT NULL THEN
		SELECT array_agg(x.session_id), array_agg(x.created_at) INTO v_ids, v_times
		FROM (SELECT s.session_id, s.created_at FROM streamspace_data.session AS s
			WHERE s.org_id = v_me.org_id AND s.user_id = v_owner_id AND (s.created_at, s.session_id) < (v_at, v_id)
				AND s.template_id = v_template_id AND (p_state IS NULL OR s.state = p_state)
			ORDER BY s.created_at DESC, s.session_id DESC LIMIT v_limit + 1) AS x;
	ELSIF v_template_id IS NOT NULL THEN
		SELECT array_agg(x.session_id), array_agg(x.created_at) INTO v_ids, v_times
		FROM (SELECT s.session_id, s.created_at FROM streamspace_data.session AS s
			WHERE s.org_id = v_me.org_id AND s.template_id = v_template_id AND (s.created_at, s.session_id) < (v_at, v_id)
				AND (p_state IS NULL OR s.state = p_state)
			ORDER BY s.created_at DESC, s.session_id DESC LIMIT v_limit + 1) AS x;
	ELSIF v_owner_id IS NOT NULL AND p_state IS NOT NULL THEN
		SELECT array_agg(x.session_id), array_agg(x.created_at) INTO v_ids, v_times
		FROM (SELECT s.session_id, s.created_at FROM streamspace_data.session AS s
			WHERE s.org_id = v_me.org_id AND s.user_id = v_owner_id AND s.state = p_state AND (s.created_at, s.session_id) < (v_at, v_id)
			ORDER BY s.created_at DESC, s.session_id DESC LIMIT v_limit + 1) AS x;
	ELSIF v_owner_id IS NOT NULL THEN
		SELECT array_agg(x.session_id), array_agg(x.created_at) INTO v_ids, v_times
		FROM (SELECT s.session_id, s.created_at FROM streamspace_data.session AS s
			WHERE s.org_id = v_me.org_id AND s.user_id = v_owner_id AND (s.created_at, s.session_id) < (v_at, v_id)
			ORDER BY s.created_at DESC, s.session_id DESC LIMIT v_limit + 1) AS x;
	ELSIF p_state IS NOT NULL THEN
		SELECT array_agg(x.session_id), array_agg(x.created_at) INTO v_ids, v_times
		FROM (SELECT s.session_id, s.created_at FROM streamspace_data.session AS s
			WHERE s.org_id = v_me.org_id AND s.state = p_state AND (s.created_at, s.session_id) < (v_at, v_id)
			ORDER BY s.created_at DESC, s.session_id DESC LIMIT v_limit + 1) AS x;
	ELSE
		SELECT array_agg(x.session_id), array_agg(x.created_at) INTO v_ids, v_times
		FROM (SELECT s.session_id, s.created_at FROM streamspace_data.session AS s
			WHERE s.org_id = v_me.org_id AND (s.created_at, s.session_id) < (v_at, v_id)
			ORDER BY s.created_at DESC, s.session_id DESC LIMIT v_limit + 1) AS x;
	END IF;

	SELECT coalesce(jsonb_agg(streamspace_rules.session_json(i.session_id) ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_ids[1:v_limit]) WITH ORDINALITY AS i (session_id, position);
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_ids) > v_limit THEN streamspace_rules.encode_cursor(
			(extract(epoch FROM v_times[v_limit]) * 1000000)::bigint || ' ' || v_ids[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_sessions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_sessions TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_sessions IS
	'A page of sessions, newest first: {items, next_cursor}. Users see their own, administrators those of the organisation; with p_shared everybody those that others share with him now, instead. Filters are joined by and: p_state, p_owner (a user name), p_template (its name), p_tag. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, org_not_found, user_not_found, invalid_argument';
