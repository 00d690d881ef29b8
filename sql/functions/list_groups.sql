CREATE FUNCTION streamspace.list_groups(p_user text DEFAULT NULL, p_org text DEFAULT NULL, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_key text;
	v_user_id integer;
	v_names text[];
	v_ids integer[];
	v_items jsonb;
	v_me record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_groups', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	v_key := coalesce(streamspace_rules.decode_cursor(p_cursor, '^[a-z0-9-]{1,63}$'), '');
	IF v_me.reach = 'own' AND p_user IS DISTINCT FROM v_me.name AND p_user IS NOT NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden', jsonb_build_object('user', left(p_user, 100))));
	ELSIF v_me.reach = 'own' THEN
		v_user_id := v_me.user_id;
	ELSIF p_user IS NOT NULL THEN
		SELECT u.user_id INTO v_user_id FROM streamspace_data.app_user AS u WHERE u.org_id = v_me.org_id AND u.name = p_user;
		IF NOT FOUND THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('user_not_found', jsonb_build_object('user', left(p_user, 100))));
		END IF;
	END IF;
	IF v_user_id IS NULL THEN
		SELECT array_agg(x.name), array_agg(x.group_id) INTO v_names, v_ids
		FROM (SELECT g.name, g.group_id FROM streamspace_data.user_group AS g
			WHERE g.org_id = v_me.org_id AND g.name > v_key ORDER BY g.name LIMIT v_limit + 1) AS x;
	ELSE
		-- a user is in few groups
		SELECT array_agg(x.name), array_agg(x.group_id) INTO v_names, v_ids
		FROM (SELECT g.name, g.group_id FROM streamspace_data.group_member AS m
			JOIN streamspace_data.user_group AS g ON g.org_id = m.org_id AND g.group_id = m.group_id
			WHERE m.org_id = v_me.org_id AND m.user_id = v_user_id AND g.name > v_key ORDER BY g.name LIMIT v_limit + 1) AS x;
	END IF;
	SELECT coalesce(jsonb_agg(streamspace_rules.group_json(i.group_id) ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_ids[1:v_limit]) WITH ORDINALITY AS i (group_id, position);
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_names) > v_limit THEN streamspace_rules.encode_cursor(v_names[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_groups FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_groups TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_groups IS
	'A page of groups, by name: {items, next_cursor}; with p_user those that he is in. Users see the groups that they are in, the others those of their organisation. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, user_not_found, invalid_argument';
