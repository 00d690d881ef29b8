CREATE FUNCTION streamspace.change_password(p_verified_hash text, p_password_hash text, p_actor bytea) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_me record;
	v_ended integer;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'change_password') AS e;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_password_hash(p_password_hash));
	UPDATE streamspace_data.app_user AS u SET password_hash = p_password_hash, updated_at = streamspace_rules.now(), revision = u.revision + 1
	WHERE u.user_id = v_me.user_id AND u.active AND u.password_hash = p_verified_hash;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('invalid_credentials'));
	END IF;
	PERFORM streamspace_rules.forgive_attempt(streamspace_rules.hash_token('change ' || v_me.user_id));
	v_ended := streamspace_rules.end_credentials(v_me.user_org_id, v_me.user_id, ARRAY['login', 'set_password'], p_actor);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.user_org_id, 'change_password', '{}', NULL, v_me.name, NULL);
	RETURN jsonb_build_object('user', streamspace_rules.user_json(v_me.user_id), 'ended', v_ended);
END
$$;
REVOKE ALL ON FUNCTION streamspace.change_password FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.change_password TO streamspace_api;
COMMENT ON FUNCTION streamspace.change_password IS
	'Second half of a change of password, after the present one was verified against p_verified_hash: {user, ended}. This log-in goes on, every other one and all one-time tokens end (ended: how many); API keys stay. p_password_hash: argon2id, encoded. Errors: actor_required, unauthorized, scope_required, invalid_credentials, also when the password changed meanwhile; invalid_argument. For streamspaced only';
