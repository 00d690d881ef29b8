CREATE FUNCTION streamspace.check_password_token(p_token_hash bytea) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM c.token_hash FROM streamspace_data.credential AS c
	JOIN streamspace_data.app_user AS u ON u.org_id = c.org_id AND u.user_id = c.user_id
	WHERE c.token_hash = p_token_hash AND c.kind = 'set_password' AND c.revoked_at IS NULL
		AND c.expires_at > streamspace_rules.now() AND u.active;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('token_invalid'));
	END IF;
	RETURN jsonb_build_object('valid', true);
END
$$;
REVOKE ALL ON FUNCTION streamspace.check_password_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.check_password_token TO streamspace_api;
COMMENT ON FUNCTION streamspace.check_password_token IS
	'Whether a one-time token (p_token_hash: its SHA-256) would set a password now, so that nobody without one makes the server hash. set_password decides. Errors: token_invalid. For streamspaced only';
