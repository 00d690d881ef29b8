CREATE FUNCTION streamspace.list_sessions(p_state text DEFAULT NULL, p_owner text DEFAULT NULL, p_org text DEFAULT NULL,
	p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_me record;
	v_owner_id integer;
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
	IF v_me.reach = 'own' THEN
		v_owner_id := v_me.user_id;
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
	v_key := streamspace_rules.decode_cursor(p_cursor, '^[0-9]{1,17} s-[0-9a-z]{26}$');
	IF v_key IS NOT NULL THEN
		v_at := timestamptz 'epoch' + split_part(v_key, ' ', 1)::bigint * interval '1 microsecond';
		v_id := split_part(v_key, ' ', 2);
	END IF;

	-- One statement a filter, so that each has the plan of its own index.
	IF v_owner_id IS NOT NULL AND p_state IS NOT NULL THEN
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
	'A page of sessions, newest first: {items, next_cursor}. Users see their own, administrators those of the organisation. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, org_not_found, user_not_found, invalid_argument';
