CREATE FUNCTION streamspace.list_orgs(p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_key text;
	v_names text[];
	v_ids integer[];
	v_items jsonb;
BEGIN
	PERFORM streamspace_rules.enter_platform(p_actor, 'list_orgs');
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	v_key := coalesce(streamspace_rules.decode_cursor(p_cursor, '^[a-z0-9-]{1,63}$'), '');
	SELECT array_agg(x.name), array_agg(x.org_id) INTO v_names, v_ids
	FROM (SELECT o.name, o.org_id FROM streamspace_data.org AS o
		WHERE o.name > v_key ORDER BY o.name LIMIT v_limit + 1) AS x;
	SELECT coalesce(jsonb_agg(streamspace_rules.org_json(i.org_id) ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_ids[1:v_limit]) WITH ORDINALITY AS i (org_id, position);
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_names) > v_limit THEN streamspace_rules.encode_cursor(v_names[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_orgs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_orgs TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_orgs IS
	'A page of organisations, by name: {items, next_cursor}. For platform administrators. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, invalid_argument';
