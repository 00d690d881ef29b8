CREATE FUNCTION streamspace.list_quotas(p_scope text, p_org text DEFAULT NULL, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_me record;
	v_key text;
	v_names text[];
	v_items jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_quotas', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(coalesce(
		CASE WHEN p_scope IS NULL OR p_scope NOT IN ('group', 'user') THEN streamspace_rules.invalid('/scope', 'group and user are allowed') END,
		streamspace_rules.check_limit(v_limit)));
	v_key := coalesce(streamspace_rules.decode_cursor(p_cursor, '^[a-z0-9-]{1,63}$'), '');
	IF p_scope = 'user' THEN
		v_names := ARRAY(SELECT u.name FROM streamspace_data.app_user AS u
			WHERE u.org_id = v_me.org_id AND u.name > v_key ORDER BY u.name LIMIT v_limit + 1);
	ELSE
		v_names := ARRAY(SELECT g.name FROM streamspace_data.user_group AS g
			WHERE g.org_id = v_me.org_id AND g.name > v_key ORDER BY g.name LIMIT v_limit + 1);
	END IF;
	SELECT coalesce(jsonb_agg(streamspace_rules.quota_json(q.pool_id) ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_names[1:v_limit]) WITH ORDINALITY AS i (name, position)
	CROSS JOIN LATERAL streamspace_rules.find_quota(v_me.org_id, p_scope, i.name) AS q;
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_names) > v_limit THEN streamspace_rules.encode_cursor(v_names[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_quotas FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_quotas TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_quotas IS
	'A page of the quotas of groups or users of an organisation, by name: {items, next_cursor}. p_scope group or user. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, org_not_found, invalid_argument';
