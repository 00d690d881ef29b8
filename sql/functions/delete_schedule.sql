CREATE FUNCTION streamspace.delete_schedule(p_session text, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('session', left(p_session, 200), 'if_revision', p_if_revision);
	v_me record;
	v_session streamspace_data.session;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.delete_schedule(p_session, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'delete_schedule', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	v_answer := streamspace_rules.find_request(v_me.identity, 'delete_schedule', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	v_session := streamspace_rules.lock_session(p_session, NULL);
	v_answer := streamspace_rules.schedule_json(v_session.org_id, p_session);
	IF v_answer IS NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('schedule_not_found', jsonb_build_object('session', p_session)));
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, (v_answer ->> 'revision')::bigint));
	DELETE FROM streamspace_data.session_schedule AS c WHERE c.org_id = v_session.org_id AND c.session_id = p_session;
	PERFORM streamspace_rules.note_session(p_session, 'schedule', v_me.identity, NULL);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'delete_schedule', v_arguments, p_request_id, p_session, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.delete_schedule FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.delete_schedule TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.delete_schedule IS
	'Takes the working hours of a session away; it stays as it is. p_if_revision: only if this is the revision of the schedule. Returns the schedule that was. Errors: actor_required, unauthorized, forbidden, scope_required, session_not_found, schedule_not_found, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
