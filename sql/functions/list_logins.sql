CREATE FUNCTION streamspace.list_logins(p_user text DEFAULT NULL, p_org text DEFAULT NULL, p_limit integer DEFAULT 50, p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_key text;
	v_now timestamptz := streamspace_rules.now();
	v_idle interval;
	v_user_id integer;
	v_ids text[];
	v_hashes bytea[];
	v_items jsonb;
	v_me record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_logins', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	v_key := coalesce(streamspace_rules.decode_cursor(p_cursor, '^l-[0-9a-v]{26}$'), 'm');
	IF v_me.reach = 'own' AND p_user IS NOT NULL AND p_user <> v_me.name THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden', jsonb_build_object('user', left(p_user, 100))));
	ELSIF v_me.reach = 'own' THEN
		v_user_id := v_me.user_id;
	ELSIF p_user IS NOT NULL THEN
		SELECT u.user_id INTO v_user_id FROM streamspace_data.app_user AS u WHERE u.org_id = v_me.org_id AND u.name = p_user;
		IF NOT FOUND THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('user_not_found', jsonb_build_object('user', left(p_user, 100))));
		END IF;
	END IF;
	SELECT i.login_idle INTO STRICT v_idle FROM streamspace_data.installation AS i;
	IF v_user_id IS NULL THEN
		SELECT array_agg(x.credential_id), array_agg(x.token_hash) INTO v_ids, v_hashes
		FROM (SELECT c.credential_id, c.token_hash FROM streamspace_data.credential AS c
			LEFT JOIN streamspace_data.credential_use AS l ON l.org_id = c.org_id AND l.token_hash = c.token_hash
			WHERE c.org_id = v_me.org_id AND c.kind = 'login' AND c.credential_id IS NOT NULL
				AND c.revoked_at IS NULL AND c.credential_id < v_key
				AND c.expires_at > v_now AND greatest(l.last_used_at, c.created_at) > v_now - v_idle
			ORDER BY c.credential_id DESC LIMIT v_limit + 1) AS x;
	ELSE
		SELECT array_agg(x.credential_id), array_agg(x.token_hash) INTO v_ids, v_hashes
		FROM (SELECT c.credential_id, c.token_hash FROM streamspace_data.credential AS c
			LEFT JOIN streamspace_data.credential_use AS l ON l.org_id = c.org_id AND l.token_hash = c.token_hash
			WHERE c.org_id = v_me.org_id AND c.user_id = v_user_id AND c.kind = 'login' AND c.credential_id IS NOT NULL
				AND c.revoked_at IS NULL AND c.credential_id < v_key
				AND c.expires_at > v_now AND greatest(l.last_used_at, c.created_at) > v_now - v_idle
			ORDER BY c.credential_id DESC LIMIT v_limit + 1) AS x;
	END IF;
	SELECT coalesce(jsonb_agg(streamspace_rules.credential_json(i.token_hash, p_actor) ORDER BY i.position), '[]') INTO v_items
	FROM unnest(v_hashes[1:v_limit]) WITH ORDINALITY AS i (token_hash, position);
	RETURN jsonb_build_object('items', v_items, 'next_cursor',
		CASE WHEN cardinality(v_ids) > v_limit THEN streamspace_rules.encode_cursor(v_ids[v_limit]) END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_logins FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_logins TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_logins IS
	'A page of open log-ins, newest first: {items, next_cursor}; current marks the one of this call. Users see their own; administrators, and auditors, those of the organisation, with p_user those of one user. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, user_not_found, invalid_argument';
