CREATE FUNCTION streamspace.get_home(p_home text, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'get_home') AS e;
	PERFORM streamspace_rules.set_org(CASE WHEN v_me.reach = 'all' THEN streamspace_rules.org_of_home(p_home) ELSE v_me.org_id END);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_home_access(v_me.reach, v_me.user_id, p_home));
	RETURN streamspace_rules.home_json(p_home);
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_home FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_home TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_home IS
	'A home by its id p_home: {id, name, org, owner, template, size_mib, retention_seconds, session, agent, state, created_at, last_used_at, delete_at, revision}. state: new (no agent has it yet), ready, deleting, deleted. Errors: actor_required, unauthorized, forbidden, home_not_found, invalid_argument';
