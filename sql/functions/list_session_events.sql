CREATE FUNCTION streamspace.list_session_events(p_session text, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL,
	p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_me record;
	v_key text;
	v_at timestamptz := 'infinity'::timestamptz;
	v_id bigint := 0;
	v_ids bigint[];
	v_times timestamptz[];
	v_items jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_session_events', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	v_key := streamspace_rules.decode_cursor(p_cursor, '^[0-9]{1,17} [0-9]{1,18}$');
	IF v_key IS NOT NULL THEN
		v_at := timestamptz 'epoch' + split_part(v_key, ' ', 1)::bigint * interval '1 microsecond';
		v_id := split_part(v_key, ' ', 2)::bigint;
	END IF;
	SELECT array_agg(x.event_id ORDER BY x.at DESC, x.event_id DESC), array_agg(x.at ORDER BY x.at DESC, x.event_id DESC),
		jsonb_agg(jsonb_build_object('id', x.event_id, 'at', x.at, 'event', x.event, 'from_state', x.from_state, 'to_state', x.to_state,
			'revision', x.revision, 'reason', x.reason, 'message', x.message, 'actor', x.actor, 'details', x.details)
			ORDER BY x.at DESC, x.event_id DESC)
	INTO v_ids, v_times, v_items
	FROM (SELECT e.* FROM streamspace_data.session_event AS e
		WHERE e.org_id = v_me.org_id AND e.session_id = p_session AND e.at <= v_at AND (e.at, e.event_id) < (v_at, v_id)
		ORDER BY e.at DESC, e.event_id DESC LIMIT v_limit + 1) AS x;
	RETURN jsonb_build_object(
		'items', CASE WHEN cardinality(v_ids) > v_limit THEN v_items - v_limit ELSE coalesce(v_items, '[]') END,
		'next_cursor', CASE WHEN cardinality(v_ids) > v_limit THEN streamspace_rules.encode_cursor(
			(extract(epoch FROM v_times[v_limit]) * 1000000)::bigint || ' ' || v_ids[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_session_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_session_events TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_session_events IS
	'A page of what happened to p_session, newest first: {items: [{id, at, event, from_state, to_state, revision, reason, message, actor, details}], next_cursor}. actor is who caused it: user:ORG/NAME, dba:LOGIN, agent:ID or system. Kept as long as event_retention says. p_limit 1 to 200, default 50. For whoever may see the session. Errors: actor_required, unauthorized, forbidden, scope_required, session_not_found, invalid_argument';
