CREATE FUNCTION streamspace.create_api_key(p_name text, p_scopes text[], p_expires_at timestamptz DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('name', left(p_name, 101), 'scopes', to_jsonb(p_scopes[1:10]), 'expires_at', p_expires_at);
	v_me record;
	v_max constant integer := 100;
	v_now timestamptz := streamspace_rules.now();
	v_scopes text[];
	v_scope text;
	v_longest interval;
	v_expires timestamptz;
	v_id text := streamspace_rules.new_id('k-');
	v_secret text := streamspace_rules.new_token();
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.create_api_key(p_name, p_scopes, p_expires_at, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN jsonb_set(v_answer, '{secret}', 'null');
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'create_api_key', NULL) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	v_answer := streamspace_rules.find_request(v_me.identity, 'create_api_key', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		CASE WHEN p_actor IS NULL THEN streamspace_rules.refusal('actor_required') END,
		CASE WHEN p_name IS NULL OR length(p_name) NOT BETWEEN 1 AND 100 OR p_name ~ '[[:cntrl:]]'
			THEN streamspace_rules.invalid('/name', '1 to 100 characters, no control characters, are allowed') END,
		CASE WHEN coalesce(cardinality(p_scopes), 0) NOT BETWEEN 1 AND 10 OR EXISTS (SELECT FROM unnest(p_scopes) AS x (scope)
				WHERE x.scope IS NULL OR x.scope NOT IN ('read', 'sessions', 'admin'))
			THEN streamspace_rules.invalid('/scopes', 'one or more of read, sessions and admin are required') END));
	v_scopes := ARRAY(SELECT DISTINCT x.scope FROM unnest(p_scopes) AS x (scope) ORDER BY x.scope);
	-- No key is worth more than its user: a scope in which his role may call nothing would wait for a promotion.
	SELECT x.scope INTO v_scope FROM unnest(v_scopes) AS x (scope)
	WHERE NOT EXISTS (SELECT FROM streamspace_data.permission AS p WHERE p.scope = x.scope
		AND CASE v_me.role WHEN 'platform_admin' THEN p.platform_admin WHEN 'org_admin' THEN p.org_admin WHEN 'operator' THEN p.operator
			WHEN 'user' THEN p."user" ELSE p.auditor END <> 'no')
	ORDER BY x.scope LIMIT 1;
	IF FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden',
			jsonb_build_object('role', v_me.role, 'scope', v_scope)));
	END IF;
	SELECT i.api_key_lifetime INTO STRICT v_longest FROM streamspace_data.installation AS i;
	v_expires := coalesce(p_expires_at, v_now + least(interval '90 days', v_longest));
	IF v_expires <= v_now OR v_expires > v_now + v_longest THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/expires_at',
			format('a time in the future, at most %s days ahead, is required', floor(extract(epoch FROM v_longest) / 86400))));
	END IF;
	-- under lock: who is deactivated at this moment must not keep a key
	PERFORM u.user_id FROM streamspace_data.app_user AS u
	WHERE u.org_id = v_me.org_id AND u.user_id = v_me.user_id AND u.active FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('unauthorized'));
	ELSIF (SELECT count(*) FROM streamspace_data.credential AS c WHERE c.org_id = v_me.org_id AND c.user_id = v_me.user_id
			AND c.kind = 'api_key' AND c.credential_id IS NOT NULL AND c.revoked_at IS NULL AND c.expires_at > v_now) >= v_max THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('limit_reached',
			jsonb_build_object('what', 'API keys of a user', 'limit', v_max)));
	END IF;
	INSERT INTO streamspace_data.credential (token_hash, kind, credential_id, org_id, user_id, name, scopes, prefix, created_at, expires_at)
	VALUES (streamspace_rules.hash_token(v_secret), 'api_key', v_id, v_me.org_id, v_me.user_id, p_name, v_scopes, left(v_secret, 8),
		v_now, v_expires);
	v_answer := jsonb_build_object('api_key', streamspace_rules.credential_json(streamspace_rules.hash_token(v_secret), p_actor),
		'secret', v_secret);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'create_api_key', v_arguments, p_request_id, v_id, v_answer, 'secret');
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.create_api_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.create_api_key TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.create_api_key IS
	'Makes an API key of the actor, called p_name (1 to 100 characters): {api_key, secret}; the secret (64 hexadecimal characters, sent as a bearer token) is shown once and only its SHA-256 is kept. The key acts as its user with the role that he has at each call, and calls only what carries one of p_scopes: read, sessions, admin (none includes another; admin makes users and resets passwords, so it is worth as much as its user''s log-in). p_expires_at NULL means 90 days; the longest life is a setting (api_key_max_seconds). 100 keys a user. A DBA has no account, so no key. Errors: actor_required, unauthorized, forbidden (also for a scope in which the role may call nothing), scope_required, limit_reached, invalid_argument, request_in_flight, request_mismatch, secret_already_shown';
