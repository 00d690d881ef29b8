CREATE FUNCTION streamspace.login_challenge(p_org text, p_user text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_hash text;
	v_parameters text;
	v_seed bytea;
BEGIN
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
	'First half of a log-in: the argon2id hash to verify the password against. For an unknown, inactive or passwordless user it is one that nothing matches, so that the answer tells nobody who exists. For streamspaced only';
