CREATE FUNCTION streamspace.set_password(p_token_hash bytea, p_password_hash text, p_address text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_user record;
	v_counter record;
	v_now timestamptz := streamspace_rules.now();
BEGIN
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_password_hash(p_password_hash));
	SELECT c.org_id, c.user_id, u.name, o.name AS org_name INTO v_user
	FROM streamspace_data.credential AS c
	JOIN streamspace_data.app_user AS u ON u.org_id = c.org_id AND u.user_id = c.user_id
	JOIN streamspace_data.org AS o ON o.org_id = u.org_id
	WHERE c.token_hash = p_token_hash AND c.kind = 'set_password' AND c.revoked_at IS NULL
		AND c.expires_at > v_now AND u.active
	FOR NO KEY UPDATE OF c, u;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('token_invalid'));
	END IF;
	UPDATE streamspace_data.app_user AS u SET password_hash = p_password_hash, updated_at = v_now, revision = u.revision + 1
	WHERE u.org_id = v_user.org_id AND u.user_id = v_user.user_id;
	PERFORM streamspace_rules.end_credentials(v_user.org_id, v_user.user_id, ARRAY['login', 'set_password']);
	-- from here on the user can log in from this address, whoever guesses elsewhere, or guessed here before
	PERFORM streamspace_rules.know_address(v_user.org_id, v_user.user_id, p_address);
	FOR v_counter IN SELECT c.key FROM streamspace_rules.login_counters(v_user.org_name, v_user.name, p_address) AS c
		WHERE streamspace_rules.login_network(p_address) IS NOT NULL LOOP
		PERFORM streamspace_rules.forget_attempts(v_counter.key);
	END LOOP;
	PERFORM streamspace_rules.finish_call('user:' || v_user.org_name || '/' || v_user.name, v_user.org_id, 'set_password',
		'{}', NULL, v_user.name, NULL);
	RETURN jsonb_build_object('user', streamspace_rules.user_json(v_user.user_id));
END
$$;
REVOKE ALL ON FUNCTION streamspace.set_password FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.set_password TO streamspace_api;
COMMENT ON FUNCTION streamspace.set_password IS
	'Sets the password of the user whom a one-time token names (p_token_hash: its SHA-256); p_password_hash is argon2id, encoded. The token is used up and every log-in of the user ends; API keys stay. p_address counts as known from then on (login_challenge). Errors: token_invalid, invalid_argument. For streamspaced only';
