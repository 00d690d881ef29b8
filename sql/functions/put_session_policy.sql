CREATE FUNCTION streamspace.put_session_policy(p_session text, p_policy jsonb, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('session', left(p_session, 200), 'policy', p_policy, 'if_revision', p_if_revision);
	v_me record;
	v_session streamspace_data.session;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.put_session_policy(p_session, p_policy, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'put_session_policy', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	v_answer := streamspace_rules.find_request(v_me.identity, 'put_session_policy', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_policy(p_policy));
	v_session := streamspace_rules.lock_session(p_session, NULL);
	IF v_me.reach = 'own' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_own_policy(v_session, p_policy));
	END IF;
	PERFORM streamspace_rules.write_policy(v_session.org_id, 'session', NULL, p_session, p_policy, p_if_revision, v_me.identity, v_me.reach = 'own');
	PERFORM streamspace_rules.note_session(p_session, 'policy', v_me.identity, p_policy);
	v_answer := streamspace_rules.session_policy_json(p_session);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'put_session_policy', v_arguments, p_request_id, p_session, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.put_session_policy FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.put_session_policy TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.put_session_policy IS
	'Sets when this session is stopped by itself; the values are those of put_policy, and those of a session count before all others. Who reaches only his own may be stricter than what holds without it, not looser (policy_not_stricter), and what he sets stays bounded by that later. p_if_revision: only if this is the revision of this policy. Returns {policy, effective}: it, and what holds for the session. Errors: actor_required, unauthorized, forbidden, scope_required, session_not_found, policy_not_stricter, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
