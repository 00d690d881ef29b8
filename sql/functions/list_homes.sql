-- The planner takes a filter by a function for rarer than it is and would sort the whole table for a page of it.
CREATE FUNCTION streamspace.list_homes(p_owner text DEFAULT NULL, p_state text DEFAULT NULL, p_org text DEFAULT NULL,
	p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
	SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_me record;
	v_owner_id integer;
	v_state text := CASE WHEN p_state IN ('new', 'ready') THEN 'kept' ELSE p_state END;
	v_key text;
	v_at timestamptz := 'infinity'::timestamptz;
	v_id text := '';
	v_ids text[];
	v_times timestamptz[];
	v_items jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_homes', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(coalesce(streamspace_rules.check_limit(v_limit),
		CASE WHEN p_state NOT IN ('new', 'ready', 'deleting', 'deleted') THEN streamspace_rules.invalid('/state', 'is not a state of a home') END));
	IF v_me.reach = 'own' THEN
		v_owner_id := v_me.user_id;
		IF p_owner <> v_me.name THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden', jsonb_build_object('owner', left(p_owner, 100))));
		END IF;
	ELSIF p_owner IS NOT NULL THEN
		SELECT u.user_id INTO v_owner_id FROM streamspace_data.app_user AS u WHERE u.org_id = v_me.org_id AND u.name = p_owner;
		IF NOT FOUND THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('user_not_found', jsonb_build_object('user', left(p_owner, 100))));
		END IF;
	END IF;
	v_key := streamspace_rules.decode_cursor(p_cursor, '^[0-9]{1,17} h-[0-9a-z]{26}$');
	IF v_key IS NOT NULL THEN
		v_at := timestamptz 'epoch' + split_part(v_key, ' ', 1)::bigint * interval '1 microsecond';
		v_id := split_part(v_key, ' ', 2);
	END IF;

	-- One statement a filter, so that each has the plan of its own index.
	IF v_owner_id IS NOT NULL THEN
		SELECT array_agg(x.home_id), array_agg(x.created_at) INTO v_ids, v_times
		FROM (SELECT h.home_id, h.created_at FROM streamspace_data.home AS h
			LEFT JOIN streamspace_data.home_location AS l ON l.org_id = h.org_id AND l.home_id = h.home_id
			WHERE h.org_id = v_me.org_id AND h.user_id = v_owner_id AND (h.created_at, h.home_id) < (v_at, v_id)
				AND CASE WHEN p_state IS NULL THEN h.state <> 'deleted' ELSE streamspace_rules.home_state(h.state, l.agent_id) = p_state END
			ORDER BY h.created_at DESC, h.home_id DESC LIMIT v_limit + 1) AS x;
	ELSIF p_state IS NOT NULL THEN
		SELECT array_agg(x.home_id), array_agg(x.created_at) INTO v_ids, v_times
		FROM (SELECT h.home_id, h.created_at FROM streamspace_data.home AS h
			LEFT JOIN streamspace_data.home_location AS l ON l.org_id = h.org_id AND l.home_id = h.home_id
			WHERE h.org_id = v_me.org_id AND h.state = v_state AND (h.created_at, h.home_id) < (v_at, v_id)
				AND streamspace_rules.home_state(h.state, l.agent_id) = p_state
			ORDER BY h.created_at DESC, h.home_id DESC LIMIT v_limit + 1) AS x;
	ELSE
		SELECT array_agg(x.home_id), array_agg(x.created_at) INTO v_ids, v_times
		FROM (SELECT h.home_id, h.created_at FROM streamspace_data.home AS h
			WHERE h.org_id = v_me.org_id AND h.state <> 'deleted' AND (h.created_at, h.home_id) < (v_at, v_id)
			ORDER BY h.created_at DESC, h.home_id DESC LIMIT v_limit + 1) AS x;
	END IF;
	SELECT coalesce(jsonb_agg(streamspace_rules.home_json(i.home_id) ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_ids[1:v_limit]) WITH ORDINALITY AS i (home_id, position);
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_ids) > v_limit THEN streamspace_rules.encode_cursor(
			(extract(epoch FROM v_times[v_limit]) * 1000000)::bigint || ' ' || v_ids[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_homes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_homes TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_homes IS
	'A page of homes, newest first: {items, next_cursor}. Users see their own, those who act for the organisation all of it, of one p_owner when named. p_state new, ready, deleting or deleted; without it all but the deleted ones. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, org_not_found, user_not_found, invalid_argument';
