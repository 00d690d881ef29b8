CREATE FUNCTION streamspace.hibernate_session(p_session text, p_if_revision bigint DEFAULT NULL,
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
			v_answer := streamspace.hibernate_session(p_session, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'hibernate_session', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	v_answer := streamspace_rules.find_request(v_me.identity, 'hibernate_session', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	v_answer := streamspace_rules.change_session(v_me.identity, p_session, 'hibernate', p_if_revision);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'hibernate_session', v_arguments, p_request_id, p_session, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.hibernate_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.hibernate_session TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.hibernate_session IS
	'Ends the compute of a running session and keeps its home; the agent reports when it is done. p_if_revision: only if this is its revision. Returns the session. Errors: actor_required, unauthorized, session_not_found, invalid_transition, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
