CREATE FUNCTION streamspace.list_shares(p_session text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_me record;
	v_key text;
	v_ids text[];
	v_items jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_shares', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	v_key := coalesce(streamspace_rules.decode_cursor(p_cursor, '^sh-[0-9a-z]{26}$'), '');
	SELECT array_agg(x.share_id) INTO v_ids
	FROM (SELECT h.share_id FROM streamspace_data.session_share AS h
		WHERE h.org_id = v_me.org_id AND h.session_id = p_session AND h.share_id > v_key ORDER BY h.share_id LIMIT v_limit + 1) AS x;
	SELECT coalesce(jsonb_agg(streamspace_rules.share_json(i.share_id) ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_ids[1:v_limit]) WITH ORDINALITY AS i (share_id, position);
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_ids) > v_limit THEN streamspace_rules.encode_cursor(v_ids[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_shares FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_shares TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_shares IS
	'A page of the shares of a session, oldest first: {items, next_cursor}. For its owner and those who act for the organisation, not for whom it is shared with. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, session_not_found, invalid_argument';
