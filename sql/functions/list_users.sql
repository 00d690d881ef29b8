CREATE FUNCTION streamspace.list_users(p_org text DEFAULT NULL, p_role text DEFAULT NULL, p_active boolean DEFAULT NULL, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_key text;
	v_names text[];
	v_ids integer[];
	v_items jsonb;
	v_me record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_users', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	v_key := coalesce(streamspace_rules.decode_cursor(p_cursor, '^[a-z0-9-]{1,63}$'), '');
	PERFORM streamspace_rules.raise_refusal(CASE WHEN p_role IS NOT NULL THEN streamspace_rules.check_role('/role', p_role) END);
	-- One statement a filter, so that each has the plan of its own index.
	IF p_role IS NOT NULL THEN
		SELECT array_agg(x.name), array_agg(x.user_id) INTO v_names, v_ids
		FROM (SELECT u.name, u.user_id FROM streamspace_data.app_user AS u
			WHERE u.org_id = v_me.org_id AND u.role = p_role AND (p_active IS NULL OR u.active = p_active) AND u.name > v_key
			ORDER BY u.name LIMIT v_limit + 1) AS x;
	ELSIF NOT p_active THEN
		SELECT array_agg(x.name), array_agg(x.user_id) INTO v_names, v_ids
		FROM (SELECT u.name, u.user_id FROM streamspace_data.app_user AS u
			WHERE u.org_id = v_me.org_id AND NOT u.active AND u.name > v_key ORDER BY u.name LIMIT v_limit + 1) AS x;
	ELSIF p_active THEN
		SELECT array_agg(x.name), array_agg(x.user_id) INTO v_names, v_ids
		FROM (SELECT u.name, u.user_id FROM streamspace_data.app_user AS u
			WHERE u.org_id = v_me.org_id AND u.active AND u.name > v_key ORDER BY u.name LIMIT v_limit + 1) AS x;
	ELSE
		SELECT array_agg(x.name), array_agg(x.user_id) INTO v_names, v_ids
		FROM (SELECT u.name, u.user_id FROM streamspace_data.app_user AS u
			WHERE u.org_id = v_me.org_id AND u.name > v_key ORDER BY u.name LIMIT v_limit + 1) AS x;
	END IF;
	SELECT coalesce(jsonb_agg(streamspace_rules.user_json(i.user_id) ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_ids[1:v_limit]) WITH ORDINALITY AS i (user_id, position);
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_names) > v_limit THEN streamspace_rules.encode_cursor(v_names[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_users FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_users TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_users IS
	'A page of the users of an organisation, by name: {items, next_cursor}; p_role and p_active leave out the others. For administrators, operators and auditors. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, invalid_argument';
