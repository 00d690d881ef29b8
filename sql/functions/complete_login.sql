CREATE FUNCTION streamspace.complete_login(p_org text, p_user text, p_verified_hash text, p_token_hash bytea, p_address text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_user record;
	v_now timestamptz := streamspace_rules.now();
	v_expires timestamptz := v_now + interval '12 hours';
BEGIN
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_hash('/token_hash', p_token_hash));
	SELECT u.org_id, u.user_id, u.name, o.name AS org_name INTO v_user
	FROM streamspace_data.app_user AS u JOIN streamspace_data.org AS o ON o.org_id = u.org_id
	WHERE o.name = coalesce(p_org, 'default') AND u.name = p_user AND u.active
		AND u.password_hash = p_verified_hash
	FOR SHARE OF u;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('invalid_credentials'));
	END IF;
	INSERT INTO streamspace_data.credential (token_hash, kind, credential_id, org_id, user_id, address, created_at, expires_at)
	VALUES (p_token_hash, 'login', streamspace_rules.new_id('l-'), v_user.org_id, v_user.user_id, left(p_address, 200), v_now, v_expires);
	PERFORM streamspace_rules.finish_call('user:' || v_user.org_name || '/' || v_user.name, v_user.org_id, 'complete_login',
		jsonb_build_object('address', left(p_address, 200)), NULL, v_user.name, NULL);
	RETURN jsonb_build_object('user', streamspace_rules.user_json(v_user.user_id), 'expires_at', v_expires);
END
$$;
REVOKE ALL ON FUNCTION streamspace.complete_login FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.complete_login TO streamspace_api;
COMMENT ON FUNCTION streamspace.complete_login IS
	'Second half of a log-in, after the password was verified against p_verified_hash: records the token (SHA-256) for 12 hours. Errors: invalid_credentials, also when the hash changed meanwhile; invalid_argument. For streamspaced only';
