CREATE FUNCTION streamspace.reset_password(p_user text, p_org text DEFAULT NULL, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('user', left(p_user, 200), 'org', left(p_org, 200), 'if_revision', p_if_revision);
	v_me record;
	v_user record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.reset_password(p_user, p_org, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN jsonb_set(v_answer, '{set_password_token}', 'null');
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'reset_password', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	v_answer := streamspace_rules.find_request(v_me.identity, 'reset_password', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_name('/user', p_user));
	-- locked, so that he is not given a higher role between the look at his role and the token
	SELECT f.* INTO v_user FROM streamspace_rules.find_user(v_me.org_id, p_user, true) AS f;
	PERFORM streamspace_rules.raise_refusal(coalesce(v_user.refusal,
		streamspace_rules.check_authority(v_me.role, v_user.role),
		streamspace_rules.check_revision(p_if_revision, v_user.revision)));
	UPDATE streamspace_data.app_user AS u SET updated_at = streamspace_rules.now(), revision = u.revision + 1
	WHERE u.org_id = v_me.org_id AND u.user_id = v_user.user_id;
	v_answer := jsonb_build_object('user', streamspace_rules.user_json(v_user.user_id),
		'set_password_token', streamspace_rules.issue_password_token(v_me.org_id, v_user.user_id));
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'reset_password', v_arguments, p_request_id, p_user, v_answer,
		'set_password_token');
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.reset_password FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.reset_password TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.reset_password IS
	'A fresh one-time token with which a user sets a password: {user, set_password_token}; shown once, good for 3 days. For administrators; only a platform administrator does it for another one. p_if_revision: only if this is the revision of the user. Errors: actor_required, unauthorized, forbidden, org_not_found, user_not_found, revision_mismatch, invalid_argument, request_in_flight, request_mismatch, secret_already_shown';
