CREATE FUNCTION streamspace.get_me(p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
BEGIN
	IF p_actor IS NULL THEN
		IF NOT streamspace_rules.is_dba() THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('actor_required'));
		END IF;
		RETURN jsonb_build_object('name', session_user, 'org', NULL, 'role', 'platform_admin', 'display_name', '', 'created_at', NULL,
			'limits', jsonb_build_object('max_sessions', 0), 'usage', jsonb_build_object('sessions', 0));
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'get_me') AS e;
	PERFORM streamspace_rules.set_org(v_me.user_org_id);
	RETURN streamspace_rules.user_json(v_me.user_id);
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_me FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_me TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_me IS
	'The actor: name, org, role, limits and use. A DBA has no account: org is null and the limit 0. Errors: actor_required, unauthorized';
