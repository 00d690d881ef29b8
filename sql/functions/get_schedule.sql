CREATE FUNCTION streamspace.get_schedule(p_session text, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
	v_answer jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'get_schedule', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session, 'view'));
	v_answer := streamspace_rules.schedule_json(v_me.org_id, p_session);
	IF v_answer IS NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('schedule_not_found', jsonb_build_object('session', p_session)));
	END IF;
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_schedule FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_schedule TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_schedule IS
	'The working hours of a session. Errors: actor_required, unauthorized, forbidden, scope_required, session_not_found, schedule_not_found, invalid_argument';
