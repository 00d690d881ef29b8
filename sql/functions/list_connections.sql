CREATE FUNCTION streamspace.list_connections(p_session text DEFAULT NULL, p_org text DEFAULT NULL,
	p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_me record;
	v_key text;
	v_ids text[];
	v_items jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_connections', p_org, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	IF p_session IS NOT NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	v_key := coalesce(streamspace_rules.decode_cursor(p_cursor, '^c-[0-9a-v]{26}$'), 'd');
	-- One statement a filter, so that each has the plan of its own index.
	IF p_session IS NOT NULL THEN
		SELECT array_agg(x.connection_id) INTO v_ids
		FROM (SELECT c.connection_id FROM streamspace_data.connection AS c
			WHERE c.org_id = v_me.org_id AND c.session_id = p_session AND c.closed_at IS NULL AND c.connection_id < v_key
			ORDER BY c.connection_id DESC LIMIT v_limit + 1) AS x;
	ELSIF v_me.reach = 'own' THEN
		SELECT array_agg(x.connection_id) INTO v_ids
		FROM (SELECT c.connection_id FROM streamspace_data.connection AS c
			WHERE c.org_id = v_me.org_id AND c.owner_id = v_me.user_id AND c.closed_at IS NULL AND c.connection_id < v_key
			ORDER BY c.connection_id DESC LIMIT v_limit + 1) AS x;
	ELSE
		SELECT array_agg(x.connection_id) INTO v_ids
		FROM (SELECT c.connection_id FROM streamspace_data.connection AS c
			WHERE c.org_id = v_me.org_id AND c.closed_at IS NULL AND c.connection_id < v_key
			ORDER BY c.connection_id DESC LIMIT v_limit + 1) AS x;
	END IF;
	SELECT coalesce(jsonb_agg(streamspace_rules.connection_json(i.connection_id) ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_ids[1:v_limit]) WITH ORDINALITY AS i (connection_id, position);
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_ids) > v_limit THEN streamspace_rules.encode_cursor(v_ids[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_connections FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_connections TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_connections IS
	'A page of the viewers that are open, newest first: {items, next_cursor}; of p_session when it is named. Users see those of their own sessions, those who act for the organisation, and auditors, all of it. Bytes and last input are some seconds late. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, session_not_found, invalid_argument';
