CREATE FUNCTION streamspace.session_outlook(p_session text, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'session_outlook', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session, 'view'));
	RETURN streamspace_rules.outlook_json(p_session);
END
$$;
REVOKE ALL ON FUNCTION streamspace.session_outlook FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.session_outlook TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.session_outlook IS
	'What will happen to a session by itself: next, and all of it by time, each {at, warn_at, action, rule, seconds, scope, name, set_by, set_at, prevent}: at what time (it may be past: then it is due), what (hibernate, terminate, wake, retry, fail), by which rule (idle, max_duration, schedule, retry, deadline), who set it and when, and how to prevent it. kept_active_by {kind, at, by}: the last input, or kind unknown and the time from which idleness counts; kept_until: of extend_session. Errors: actor_required, unauthorized, forbidden, scope_required, session_not_found, invalid_argument';
