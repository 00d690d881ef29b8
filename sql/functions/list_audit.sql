CREATE FUNCTION streamspace.list_audit(p_org text DEFAULT NULL, p_by text DEFAULT NULL, p_function text DEFAULT NULL, p_object text DEFAULT NULL,
	p_since timestamptz DEFAULT NULL, p_until timestamptz DEFAULT NULL, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL,
	p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_me record;
	v_key text;
	v_since timestamptz := coalesce(p_since, '-infinity');
	v_at timestamptz := coalesce(p_until, 'infinity');
	v_id bigint := 0;
	v_rows streamspace_data.audit_log[];
	v_items jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter_audit(p_actor, 'list_audit', p_org) AS e;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	v_key := streamspace_rules.decode_cursor(p_cursor, '^[0-9]{1,17} [0-9]{1,18}$');
	IF v_key IS NOT NULL THEN
		v_at := timestamptz 'epoch' + split_part(v_key, ' ', 1)::bigint * interval '1 microsecond';
		v_id := split_part(v_key, ' ', 2)::bigint;
	END IF;

	-- One statement a filter, so that each has the plan of its own index; further filters choose among its rows.
	IF p_object IS NOT NULL THEN
		SELECT array_agg(x.l ORDER BY (x.l).at DESC, (x.l).audit_id DESC) INTO v_rows
		FROM (SELECT l FROM streamspace_data.audit_log AS l
			WHERE coalesce(l.org_id, 0) = v_me.org_id AND l.at >= v_since AND l.at <= v_at AND (l.at, l.audit_id) < (v_at, v_id)
				AND l.object_id = p_object AND (p_by IS NULL OR l.actor = p_by) AND (p_function IS NULL OR l.function = p_function)
			ORDER BY l.at DESC, l.audit_id DESC LIMIT v_limit + 1) AS x;
	ELSIF p_by IS NOT NULL THEN
		SELECT array_agg(x.l ORDER BY (x.l).at DESC, (x.l).audit_id DESC) INTO v_rows
		FROM (SELECT l FROM streamspace_data.audit_log AS l
			WHERE coalesce(l.org_id, 0) = v_me.org_id AND l.at >= v_since AND l.at <= v_at AND (l.at, l.audit_id) < (v_at, v_id)
				AND l.actor = p_by AND (p_function IS NULL OR l.function = p_function)
			ORDER BY l.at DESC, l.audit_id DESC LIMIT v_limit + 1) AS x;
	ELSIF p_function IS NOT NULL THEN
		SELECT array_agg(x.l ORDER BY (x.l).at DESC, (x.l).audit_id DESC) INTO v_rows
		FROM (SELECT l FROM streamspace_data.audit_log AS l
			WHERE coalesce(l.org_id, 0) = v_me.org_id AND l.at >= v_since AND l.at <= v_at AND (l.at, l.audit_id) < (v_at, v_id)
				AND l.function = p_function
			ORDER BY l.at DESC, l.audit_id DESC LIMIT v_limit + 1) AS x;
	ELSE
		SELECT array_agg(x.l ORDER BY (x.l).at DESC, (x.l).audit_id DESC) INTO v_rows
		FROM (SELECT l FROM streamspace_data.audit_log AS l
			WHERE coalesce(l.org_id, 0) = v_me.org_id AND l.at >= v_since AND l.at <= v_at AND (l.at, l.audit_id) < (v_at, v_id)
			ORDER BY l.at DESC, l.audit_id DESC LIMIT v_limit + 1) AS x;
	END IF;

	SELECT coalesce(jsonb_agg(jsonb_build_object('id', l.audit_id, 'at', l.at, 'org', v_me.org, 'actor', l.actor, 'login', l.login_role,
		'function', l.function, 'object', l.object_id, 'request_id', l.request_id, 'arguments', l.arguments, 'result', l.result)
		ORDER BY l.at DESC, l.audit_id DESC), '[]') INTO v_items
	FROM unnest(v_rows[1:v_limit]) AS l;
	RETURN jsonb_build_object('items', v_items, 'next_cursor', CASE WHEN cardinality(v_rows) > v_limit THEN streamspace_rules.encode_cursor(
		(extract(epoch FROM v_rows[v_limit].at) * 1000000)::bigint || ' ' || v_rows[v_limit].audit_id) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_audit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_audit TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_audit IS
	'A page of the audit log of an organisation, newest first: {items: [{id, at, org, actor, login, function, object, request_id, arguments, result}], next_cursor}. actor is user:ORG/NAME, dba:LOGIN or login:LOGIN, login the login of the connection; direct_dml is what somebody did to a table without a function. p_org '''': what belongs to no organisation, for platform administrators. Filters: p_by the actor, p_function, p_object the id or name of the object, p_since inclusive, p_until exclusive. p_limit 1 to 200, default 50. For administrators and auditors. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, invalid_argument';
