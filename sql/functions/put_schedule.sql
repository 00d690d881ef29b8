CREATE FUNCTION streamspace.put_schedule(p_session text, p_schedule jsonb, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('session', left(p_session, 200), 'schedule', p_schedule, 'if_revision', p_if_revision);
	v_me record;
	v_session streamspace_data.session;
	v_now timestamptz := streamspace_rules.now();
	v_revision bigint;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.put_schedule(p_session, p_schedule, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'put_schedule', NULL, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session));
	v_answer := streamspace_rules.find_request(v_me.identity, 'put_schedule', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_schedule(p_schedule));
	v_session := streamspace_rules.lock_session(p_session, NULL);
	IF v_session.state = 'terminated' THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('session_not_running',
			jsonb_build_object('session', p_session, 'state', v_session.state)));
	END IF;
	SELECT c.revision INTO v_revision FROM streamspace_data.session_schedule AS c
	WHERE c.org_id = v_session.org_id AND c.session_id = p_session;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_revision));
	INSERT INTO streamspace_data.session_schedule AS c (org_id, session_id, user_id, time_zone, days, start_time, stop_time, enabled, set_by, set_at)
	VALUES (v_session.org_id, p_session, v_session.user_id, p_schedule ->> 'time_zone',
		ARRAY(SELECT d.day::numeric::integer FROM jsonb_array_elements_text(p_schedule -> 'days') AS d (day) ORDER BY 1),
		(p_schedule ->> 'start')::time, (p_schedule ->> 'stop')::time, coalesce((p_schedule ->> 'enabled')::boolean, true), v_me.identity, v_now)
	ON CONFLICT ON CONSTRAINT session_schedule_pkey DO UPDATE SET time_zone = EXCLUDED.time_zone, days = EXCLUDED.days,
		start_time = EXCLUDED.start_time, stop_time = EXCLUDED.stop_time, enabled = EXCLUDED.enabled, set_by = EXCLUDED.set_by,
		set_at = EXCLUDED.set_at, revision = c.revision + 1;
	PERFORM streamspace_rules.note_session(p_session, 'schedule', v_me.identity, p_schedule);
	v_answer := streamspace_rules.schedule_json(v_session.org_id, p_session);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'put_schedule', v_arguments, p_request_id, p_session, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.put_schedule FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.put_schedule TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.put_schedule IS
	'Gives a session working hours, in place of those that it has. p_schedule: time_zone (a name of the IANA database, such as Europe/Berlin), days ([1 Monday .. 7 Sunday], those on which the hours begin), start and stop (HH:MM by the clock of the zone; one of them may be left out; a stop before the start lies on the next day), enabled (default true). At start a hibernated session is woken, at stop a running one is hibernated, after a warning. Each of these moments acts once, and only on what was decided before it: what a person does afterwards stands until the next. A time that the clock jumps over in spring is the moment of the jump; of a time that comes twice in autumn a start takes the first and a stop the second. p_if_revision: only if this is the revision of the schedule. Returns the schedule. Errors: actor_required, unauthorized, forbidden, scope_required, session_not_found, session_not_running (it is terminated), revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
