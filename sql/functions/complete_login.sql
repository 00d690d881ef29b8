CREATE FUNCTION streamspace.complete_login(p_org text, p_user text, p_verified_hash text, p_token_hash bytea, p_address text DEFAULT NULL,
	p_user_agent text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_max constant integer := 500;
	v_user record;
	v_counter record;
	v_now timestamptz := streamspace_rules.now();
	v_expires timestamptz;
BEGIN
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_hash('/token_hash', p_token_hash));
	SELECT u.org_id, u.user_id, u.name, o.name AS org_name INTO v_user
	FROM streamspace_data.app_user AS u JOIN streamspace_data.org AS o ON o.org_id = u.org_id
	WHERE o.name = coalesce(p_org, 'default') AND u.name = p_user AND u.active
		AND u.password_hash = p_verified_hash
	FOR NO KEY UPDATE OF u;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('invalid_credentials'));
	END IF;
	SELECT v_now + i.login_lifetime INTO STRICT v_expires FROM streamspace_data.installation AS i;
	FOR v_counter IN SELECT c.key FROM streamspace_rules.login_counters(p_org, p_user, p_address) AS c ORDER BY c.step LOOP
		PERFORM streamspace_rules.forgive_attempt(v_counter.key);
	END LOOP;
	PERFORM streamspace_rules.know_address(v_user.org_id, v_user.user_id, p_address);
	INSERT INTO streamspace_data.credential (token_hash, kind, credential_id, org_id, user_id, address, user_agent, created_at, expires_at)
	VALUES (p_token_hash, 'login', streamspace_rules.new_id('l-'), v_user.org_id, v_user.user_id, left(p_address, 200), left(p_user_agent, 200),
		v_now, v_expires);
	-- the oldest make room
	UPDATE streamspace_data.credential AS c SET revoked_at = v_now, revision = c.revision + 1
	WHERE c.token_hash IN (SELECT x.token_hash FROM streamspace_data.credential AS x
		WHERE x.org_id = v_user.org_id AND x.user_id = v_user.user_id AND x.kind = 'login' AND x.credential_id IS NOT NULL
			AND x.revoked_at IS NULL ORDER BY x.credential_id DESC OFFSET v_max);
	PERFORM streamspace_rules.finish_call('user:' || v_user.org_name || '/' || v_user.name, v_user.org_id, 'complete_login',
		jsonb_build_object('address', left(p_address, 200)), NULL, v_user.name, NULL);
	RETURN jsonb_build_object('user', streamspace_rules.user_json(v_user.user_id), 'expires_at', v_expires,
		'login', streamspace_rules.credential_json(p_token_hash, p_token_hash));
END
$$;
REVOKE ALL ON FUNCTION streamspace.complete_login FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.complete_login TO streamspace_api;
COMMENT ON FUNCTION streamspace.complete_login IS
	'Second half of a log-in, after the password was verified against p_verified_hash: records the token (SHA-256) and takes back the attempt that login_challenge counted: {user, expires_at, login}. It ends after login_max_seconds, or unused after login_idle_seconds; a user has at most 500, the oldest make room. Errors: invalid_credentials, also when the hash changed meanwhile; invalid_argument. For streamspaced only';
