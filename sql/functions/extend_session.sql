CREATE FUNCTION streamspace.extend_session(p_session text, p_seconds integer, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('session', left(p_session, 200), 'seconds', p_seconds, 'if_revision', p_if_revision);
	v_me record;
	v_session streamspace_data.session;
	v_now timestamptz := streamspace_rules.now();
	v_policy record;
	v_until timestamptz;
	v_limit timestamptz;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.extend_session(p_session, p_seconds, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'extend_session', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	v_answer := streamspace_rules.find_request(v_me.identity, 'extend_session', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_range('/seconds', p_seconds, 60, 2592000));
	v_session := streamspace_rules.lock_session(p_session, p_if_revision);
	IF v_session.state <> 'running' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('session_not_running',
			jsonb_build_object('session', p_session, 'state', v_session.state)));
	END IF;
	SELECT p.* INTO v_policy FROM streamspace_rules.effective_policy(v_session.org_id, v_session.user_id, v_session.template_id,
		v_session.template_revision, p_session) AS p;
	v_until := v_now + p_seconds * interval '1 second';
	-- However often it is asked for: the maximum of the run is never passed by more than extend_seconds.
	v_limit := least(v_now, v_session.started_at + nullif(v_policy.max_seconds, 0) * interval '1 second')
		+ v_policy.extend_seconds * interval '1 second';
	IF v_until > v_limit THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('extension_too_long',
			jsonb_build_object('session', p_session, 'until', v_until, 'limit', v_limit, 'extend_seconds', v_policy.extend_seconds)));
	END IF;
	UPDATE streamspace_data.session AS s SET keep_until = greatest(s.keep_until, v_until), revision = s.revision + 1, updated_at = v_now
	WHERE s.session_id = p_session;
	INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, actor, details)
	VALUES (v_session.org_id, p_session, 'extend', v_session.state, v_session.state, v_session.revision + 1, v_me.identity,
		jsonb_build_object('until', greatest(v_session.keep_until, v_until)));
	PERFORM streamspace_rules.review_session(p_session, false);
	v_answer := streamspace_rules.session_json(p_session);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'extend_session', v_arguments, p_request_id, p_session, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.extend_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.extend_session TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.extend_session IS
	'Keeps a running session for at least p_seconds from now (60 to 2592000): until then neither idle time, nor maximum duration, nor schedule stops it. At most extend_seconds of its policy from now, and never further than that beyond its maximum duration (extension_too_long, detail limit). A shorter one than the present takes nothing back; the end of the run does. A standing warning is withdrawn or moved. Returns the session. Errors: actor_required, unauthorized, forbidden, scope_required, session_not_found, session_not_running, extension_too_long, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
