CREATE FUNCTION streamspace.retry_session(p_session text, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('session', left(p_session, 200), 'if_revision', p_if_revision);
	v_me record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.retry_session(p_session, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'retry_session', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	v_answer := streamspace_rules.find_request(v_me.identity, 'retry_session', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	v_answer := streamspace_rules.change_session(v_me.identity, p_session, 'retry', p_if_revision);
	PERFORM streamspace_rules.place_pending(100);
	v_answer := streamspace_rules.session_json(p_session);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'retry_session', v_arguments, p_request_id, p_session, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.retry_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.retry_session TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.retry_session IS
	'Starts a failed session again, with the template revision and the home that it has; it waits for a place like a new one. Allowed whatever failure.can_retry says, and counts its attempts from 0 again. Returns the session. Errors: actor_required, unauthorized, forbidden, scope_required, session_not_found, invalid_transition, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
