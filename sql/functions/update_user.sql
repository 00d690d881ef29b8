CREATE FUNCTION streamspace.update_user(p_user text, p_role text DEFAULT NULL, p_display_name text DEFAULT NULL, p_active boolean DEFAULT NULL, p_org text DEFAULT NULL, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('user', left(p_user, 200), 'role', left(p_role, 200), 'display_name', left(p_display_name, 201), 'active', p_active, 'org', left(p_org, 200), 'if_revision', p_if_revision);
	v_me record;
	v_user record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.update_user(p_user, p_role, p_display_name, p_active, p_org, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'update_user', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	v_answer := streamspace_rules.find_request(v_me.identity, 'update_user', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		streamspace_rules.check_name('/user', p_user),
		CASE WHEN p_role IS NOT NULL THEN streamspace_rules.check_role('/role', p_role) END,
		streamspace_rules.check_display_name(p_display_name),
		streamspace_rules.check_authority(v_me.role, p_role)));
	-- before any row is locked
	IF p_active IS FALSE OR p_role <> 'platform_admin' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.keep_administrator(v_me.org_id, p_user));
	END IF;
	SELECT f.* INTO v_user FROM streamspace_rules.find_user(v_me.org_id, p_user, true) AS f;
	PERFORM streamspace_rules.raise_refusal(coalesce(v_user.refusal,
		streamspace_rules.check_authority(v_me.role, v_user.role),
		streamspace_rules.check_revision(p_if_revision, v_user.revision)));
	UPDATE streamspace_data.app_user AS u SET
		role = coalesce(p_role, u.role),
		display_name = coalesce(p_display_name, u.display_name),
		active = coalesce(p_active, u.active),
		updated_at = streamspace_rules.now(),
		revision = u.revision + 1
	WHERE u.org_id = v_me.org_id AND u.user_id = v_user.user_id;
	-- What ended must not come back to life when the user is made active again.
	IF p_active IS FALSE THEN
		PERFORM streamspace_rules.end_credentials(v_me.org_id, v_user.user_id, ARRAY['login', 'api_key', 'set_password']);
	-- Who asked for a one-time token under the old role must not hold one of the new role.
	ELSIF p_role IS DISTINCT FROM v_user.role AND p_role IS NOT NULL THEN
		PERFORM streamspace_rules.end_credentials(v_me.org_id, v_user.user_id, ARRAY['set_password']);
	END IF;
	v_answer := streamspace_rules.user_json(v_user.user_id);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'update_user', v_arguments, p_request_id, p_user, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.update_user FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.update_user TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.update_user IS
	'Changes role (p_role: platform_admin, org_admin, operator, user, auditor), name for people (p_display_name, at most 200 characters) or activity (p_active) of the user p_user; NULL keeps what is there. Role and activity count from his next call on: a deactivation ends his log-ins, API keys and one-time tokens for good, a change of role his one-time tokens. For administrators; a platform administrator is made and changed by platform administrators only, and the last active one is kept. p_if_revision: only if this is its revision. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, user_not_found, last_administrator, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
