CREATE FUNCTION streamspace.get_user(p_user text, p_org text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_user record;
	v_me record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'get_user', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_name('/user', p_user));
	SELECT u.user_id INTO v_user FROM streamspace_data.app_user AS u WHERE u.org_id = v_me.org_id AND u.name = p_user
		AND (v_me.reach <> 'own' OR u.user_id = v_me.user_id);
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('user_not_found', jsonb_build_object('user', p_user)));
	END IF;
	RETURN streamspace_rules.user_json(v_user.user_id);
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_user FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_user TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_user IS
	'The user p_user: role, activity, limits and use. Users see themselves, the others their organisation. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, user_not_found, invalid_argument';
