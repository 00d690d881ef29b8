CREATE FUNCTION streamspace.password_challenge(p_actor bytea) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_me record;
	v_highest integer;
	v_hash text;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'password_challenge') AS e;
	SELECT i.login_attempts_per_account INTO STRICT v_highest FROM streamspace_data.installation AS i;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.count_attempt(
		streamspace_rules.hash_token('change ' || v_me.user_id), v_highest));
	SELECT u.password_hash INTO v_hash FROM streamspace_data.app_user AS u WHERE u.user_id = v_me.user_id;
	IF v_hash IS NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('invalid_credentials'));
	END IF;
	RETURN jsonb_build_object('password_hash', v_hash);
END
$$;
REVOKE ALL ON FUNCTION streamspace.password_challenge FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.password_challenge TO streamspace_api;
COMMENT ON FUNCTION streamspace.password_challenge IS
	'First half of a change of password: counts the attempt and answers the argon2id hash of the actor''s present password. Who found an open log-in guesses no faster than at the front door: login_attempts_per_account in login_window_seconds, then too_many_attempts with retry_after_seconds. Errors: actor_required, unauthorized, scope_required (an API key changes no password), too_many_attempts, invalid_credentials (there is no password yet). For streamspaced only';
