CREATE FUNCTION streamspace.list_policies(p_scope text DEFAULT NULL, p_org text DEFAULT NULL, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
	v_limit integer := coalesce(p_limit, 50);
	v_key integer;
	v_rows streamspace_data.policy[];
	v_items jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_policies', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(coalesce(streamspace_rules.check_limit(v_limit),
		CASE WHEN p_scope NOT IN ('org', 'group', 'user', 'template', 'session')
			THEN streamspace_rules.invalid('/scope', 'org, group, user, template and session are allowed') END));
	v_key := coalesce(streamspace_rules.decode_cursor(p_cursor, '^[0-9]{1,9}$')::integer, 0);
	IF p_scope IS NULL THEN
		SELECT array_agg(x.p) INTO v_rows FROM (SELECT p FROM streamspace_data.policy AS p
			WHERE p.org_id = v_me.org_id AND p.policy_id > v_key ORDER BY p.policy_id LIMIT v_limit + 1) AS x;
	ELSE
		SELECT array_agg(x.p) INTO v_rows FROM (SELECT p FROM streamspace_data.policy AS p
			WHERE p.org_id = v_me.org_id AND p.scope = p_scope AND p.policy_id > v_key ORDER BY p.policy_id LIMIT v_limit + 1) AS x;
	END IF;
	SELECT coalesce(jsonb_agg(streamspace_rules.policy_json(v_me.org_id, i.scope, coalesce(i.group_id, i.user_id, i.template_id), i.session_id, i)
		ORDER BY i.policy_id), '[]') INTO v_items
	FROM unnest(v_rows[1:v_limit]) AS i;
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_rows) > v_limit THEN streamspace_rules.encode_cursor((v_rows[v_limit]).policy_id::text) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_policies FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_policies TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_policies IS
	'A page of the policies of an organisation, oldest first: {items, next_cursor}; p_scope org, group, user, template or session takes only those. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, invalid_argument';
