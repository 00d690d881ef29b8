CREATE FUNCTION streamspace.create_user(p_name text, p_org text DEFAULT NULL, p_role text DEFAULT 'user', p_display_name text DEFAULT NULL,
	p_max_sessions integer DEFAULT NULL, p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_role text := coalesce(p_role, 'user');
	v_arguments jsonb := jsonb_build_object('name', left(p_name, 200), 'org', left(p_org, 200), 'role', left(v_role, 200),
		'display_name', left(p_display_name, 201), 'max_sessions', p_max_sessions);
	v_me record;
	v_user_id integer;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.create_user(p_name, p_org, p_role, p_display_name, p_max_sessions, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN jsonb_set(v_answer, '{set_password_token}', 'null');
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'create_user', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_authority(v_me.role, v_role));
	v_answer := streamspace_rules.find_request(v_me.identity, 'create_user', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		streamspace_rules.check_name('/name', p_name),
		streamspace_rules.check_role('/role', v_role),
		streamspace_rules.check_display_name(p_display_name),
		CASE WHEN p_max_sessions IS NOT NULL THEN streamspace_rules.check_range('/max_sessions', p_max_sessions, 0, 1000000) END));
	v_user_id := streamspace_rules.new_user(v_me.org_id, p_name, v_role, coalesce(p_display_name, ''), p_max_sessions, NULL);
	v_answer := jsonb_build_object('user', streamspace_rules.user_json(v_user_id),
		'set_password_token', streamspace_rules.issue_password_token(v_me.org_id, v_user_id));
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'create_user', v_arguments, p_request_id, p_name, v_answer,
		'set_password_token');
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.create_user FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.create_user TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.create_user IS
	'Makes the user p_name (lower-case letters, digits and hyphens, 1 to 63): {user, set_password_token}; the token is shown once and good for 3 days. p_display_name: at most 200 characters. p_role platform_admin, org_admin, operator, user or auditor; p_max_sessions NULL means the limit of the organisation. For administrators. Errors: actor_required, unauthorized, forbidden, org_not_found, already_exists, invalid_argument, request_in_flight, request_mismatch, secret_already_shown';
