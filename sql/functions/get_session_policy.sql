CREATE FUNCTION streamspace.get_session_policy(p_session text, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'get_session_policy', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session, 'view'));
	RETURN streamspace_rules.session_policy_json(p_session);
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_session_policy FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_session_policy TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_session_policy IS
	'{policy, effective}: what is set for this session alone (revision 0: nothing), and what holds for it: every value with the scope that says it, who set it and when. Errors: actor_required, unauthorized, forbidden, scope_required, session_not_found, invalid_argument';
