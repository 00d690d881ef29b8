-- The planner takes a filter by a function for rarer than it is and would sort the whole table for a page of it.
CREATE FUNCTION streamspace.list_templates(p_org text DEFAULT NULL, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
	SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_me record;
	v_key text;
	v_names text[];
	v_items jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_templates', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	v_key := coalesce(streamspace_rules.decode_cursor(p_cursor, '^[a-z0-9-]{1,63}$'), '');
	SELECT array_agg(x.name) INTO v_names
	FROM (SELECT t.name FROM streamspace_data.template AS t
		WHERE t.org_id = v_me.org_id AND t.name > v_key AND t.deleted_at IS NULL
			AND streamspace_rules.check_template_access(t.org_id, CASE WHEN v_me.reach = 'own' THEN v_me.user_id END, t.template_id) IS NULL
		ORDER BY t.name LIMIT v_limit + 1) AS x;
	SELECT coalesce(jsonb_agg(streamspace_rules.template_json(v_me.org_id, i.name) ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_names[1:v_limit]) WITH ORDINALITY AS i (name, position);
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_names) > v_limit THEN streamspace_rules.encode_cursor(v_names[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_templates FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_templates TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_templates IS
	'A page of the templates of an organisation, by name: {items, next_cursor}; users see those that are kept for nobody or for a group of theirs. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, org_not_found, invalid_argument';
