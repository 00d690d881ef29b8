CREATE FUNCTION streamspace.terminate_session(p_session text, p_force boolean DEFAULT false, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('session', left(p_session, 200), 'force', coalesce(p_force, false),
		'if_revision', p_if_revision);
	v_me record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.terminate_session(p_session, p_force, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'terminate_session', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	v_answer := streamspace_rules.find_request(v_me.identity, 'terminate_session', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	v_answer := streamspace_rules.change_session(v_me.identity, p_session,
		CASE WHEN p_force THEN 'force_terminate' ELSE 'terminate' END, p_if_revision);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'terminate_session', v_arguments, p_request_id, p_session, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.terminate_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.terminate_session TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.terminate_session IS
	'Ends a session for good; its home is kept. With p_force it is terminated at once from every state, and the agent cleans up when it can. p_if_revision: only if this is its revision. Returns the session. Errors: actor_required, unauthorized, session_not_found, invalid_transition, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
