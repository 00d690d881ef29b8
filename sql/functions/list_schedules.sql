CREATE FUNCTION streamspace.list_schedules(p_org text DEFAULT NULL, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
	v_limit integer := coalesce(p_limit, 50);
	v_key text;
	v_ids text[];
	v_items jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_schedules', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	v_key := coalesce(streamspace_rules.decode_cursor(p_cursor, '^s-[0-9a-z]{26}$'), '');
	IF v_me.reach = 'own' THEN
		SELECT array_agg(x.session_id) INTO v_ids FROM (SELECT c.session_id FROM streamspace_data.session_schedule AS c
			WHERE c.org_id = v_me.org_id AND c.user_id = v_me.user_id AND c.session_id > v_key ORDER BY c.session_id LIMIT v_limit + 1) AS x;
	ELSE
		SELECT array_agg(x.session_id) INTO v_ids FROM (SELECT c.session_id FROM streamspace_data.session_schedule AS c
			WHERE c.org_id = v_me.org_id AND c.session_id > v_key ORDER BY c.session_id LIMIT v_limit + 1) AS x;
	END IF;
	SELECT coalesce(jsonb_agg(streamspace_rules.schedule_json(v_me.org_id, i.session_id) ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_ids[1:v_limit]) WITH ORDINALITY AS i (session_id, position);
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_ids) > v_limit THEN streamspace_rules.encode_cursor(v_ids[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_schedules FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_schedules TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_schedules IS
	'A page of the working hours of sessions, by session: {items, next_cursor}. Users see those of their own sessions, the others those of the organisation. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, invalid_argument';
