CREATE FUNCTION streamspace.login_challenge(p_org text, p_user text, p_address text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_hash text;
	v_parameters text;
	v_seed bytea;
	v_counter record;
BEGIN
	FOR v_counter IN SELECT c.key, c.highest FROM streamspace_rules.login_counters(p_org, p_user, p_address) AS c ORDER BY c.step LOOP
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.count_attempt(v_counter.key, v_counter.highest));
	END LOOP;
	SELECT u.password_hash INTO v_hash
	FROM streamspace_data.app_user AS u JOIN streamspace_data.org AS o ON o.org_id = u.org_id
	WHERE o.name = coalesce(p_org, 'default') AND u.name = p_user AND u.active;
	IF v_hash IS NULL THEN
		-- A hash that no password has, with the cost of the real ones and the same at every try.
		SELECT array_to_string((string_to_array(u.password_hash, '$'))[1:4], '$') INTO v_parameters
		FROM streamspace_data.app_user AS u WHERE u.password_hash IS NOT NULL ORDER BY u.user_id LIMIT 1;
		SELECT sha256(convert_to(i.installation_id::text || ' ' || coalesce(p_org, 'default') || ' ' || coalesce(p_user, ''), 'UTF8'))
		INTO v_seed FROM streamspace_data.installation AS i;
		v_hash := coalesce(v_parameters, '$argon2id$v=19$m=19456,t=2,p=1')
			|| '$' || rtrim(encode(substring(v_seed FROM 1 FOR 16), 'base64'), '=')
			|| '$' || rtrim(encode(sha256(v_seed), 'base64'), '=');
	END IF;
	RETURN jsonb_build_object('password_hash', v_hash);
END
$$;
REVOKE ALL ON FUNCTION streamspace.login_challenge FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.login_challenge TO streamspace_api;
COMMENT ON FUNCTION streamspace.login_challenge IS
	'First half of a log-in: counts the attempt and answers the argon2id hash to verify the password against. For an unknown, inactive or passwordless user it is one that nothing matches, so that the answer tells nobody who exists. Every attempt counts until complete_login takes it back, for the time login_window_seconds: from an address (IPv6: its /64) that the account knows, because the user logged in or set his password from there in the last 90 days, in a count of this account and this address, up to login_attempts_per_account; from all others in one count of the account, up to login_attempts_per_account, and in one of the address, up to login_attempts_per_address. Then: too_many_attempts, with retry_after_seconds. Strangers therefore cannot lock an owner out where he usually is; elsewhere a one-time token (reset_password) lets him in. For streamspaced only';
