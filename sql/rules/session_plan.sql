-- What will happen to a session by itself, as things stand: the one place that knows, for the sweep and for the person who asks.
CREATE FUNCTION streamspace_rules.session_plan(p_session text)
RETURNS TABLE (rule text, at timestamptz, action text, lead interval, seconds integer, source jsonb, prevent text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_session streamspace_data.session;
	v_policy record;
	v_schedule streamspace_data.session_schedule;
	v_active_at timestamptz;
	v_from timestamptz;
	v_moment_at timestamptz;
	v_moment_action text;
	v_wanted text;
	v_extend text;
BEGIN
	SELECT s.* INTO v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	IF v_session.state IN ('running', 'hibernated') THEN
		SELECT c.* INTO v_schedule FROM streamspace_data.session_schedule AS c
		WHERE c.org_id = v_session.org_id AND c.session_id = p_session AND c.enabled;
		IF FOUND THEN
			v_wanted := CASE v_session.state WHEN 'running' THEN 'hibernate' ELSE 'wake' END;
			-- What a person decided stands until the next moment; what was due while nobody swept counts once, the last of it.
			v_from := greatest(v_schedule.set_at, v_session.decided_at, v_session.created_at);
			SELECT m.at, m.action INTO v_moment_at, v_moment_action FROM streamspace_rules.schedule_moments(v_schedule.time_zone, v_schedule.days,
				v_schedule.start_time, v_schedule.stop_time, greatest(v_from, v_now - interval '8 days'), v_now) AS m
			ORDER BY m.at DESC, m.action LIMIT 1;
			IF v_moment_action IS DISTINCT FROM v_wanted THEN
				SELECT m.at, m.action INTO v_moment_at, v_moment_action FROM streamspace_rules.schedule_moments(v_schedule.time_zone, v_schedule.days,
					v_schedule.start_time, v_schedule.stop_time, greatest(v_from, v_now), greatest(v_from, v_now) + interval '9 days') AS m
				WHERE m.action = v_wanted
				ORDER BY m.at LIMIT 1;
			END IF;
		END IF;
	END IF;

	IF v_session.state = 'running' THEN
		SELECT p.* INTO v_policy FROM streamspace_rules.effective_policy(v_session.org_id, v_session.user_id, v_session.template_id,
			v_session.template_revision, p_session) AS p;
		v_extend := CASE WHEN v_policy.extend_seconds > 0 THEN format('extend it (by at most %s s)', v_policy.extend_seconds) END;
		IF v_policy.max_seconds > 0 THEN
			rule := 'max_duration';
			at := greatest(v_session.started_at + v_policy.max_seconds * interval '1 second', v_session.keep_until);
			action := v_policy.max_action;
			lead := least(v_policy.warn_seconds, v_policy.max_seconds / 2) * interval '1 second';
			seconds := v_policy.max_seconds;
			source := v_policy.sources -> 'max_seconds';
			prevent := coalesce(v_extend, 'nothing puts it off; ask an administrator for a longer maximum');
			RETURN NEXT;
		END IF;
		IF v_moment_at IS NOT NULL THEN
			rule := 'schedule';
			at := greatest(v_moment_at, v_session.keep_until);
			action := 'hibernate';
			lead := v_policy.warn_seconds * interval '1 second';
			seconds := NULL;
			source := jsonb_build_object('scope', 'session', 'name', p_session, 'by', v_schedule.set_by, 'at', v_schedule.set_at);
			prevent := concat_ws(', or ', v_extend, 'change or delete its schedule');
			RETURN NEXT;
		END IF;
		IF v_policy.idle_seconds > 0 THEN
			SELECT a.active_at INTO v_active_at FROM streamspace_data.session_activity AS a
			WHERE a.org_id = v_session.org_id AND a.session_id = p_session;
			rule := 'idle';
			-- A row that is missing says nothing: idle time counts from the start of the run, or of the database.
			at := greatest(greatest(v_active_at, v_session.started_at, pg_postmaster_start_time()) + v_policy.idle_seconds * interval '1 second',
				v_session.keep_until);
			action := 'hibernate';
			lead := least(v_policy.warn_seconds, v_policy.idle_seconds / 2) * interval '1 second';
			seconds := v_policy.idle_seconds;
			source := v_policy.sources -> 'idle_seconds';
			prevent := concat_ws(', or ', 'give it input', v_extend);
			RETURN NEXT;
		END IF;
	ELSIF v_session.state = 'hibernated' AND v_moment_at IS NOT NULL THEN
		rule := 'schedule';
		at := v_moment_at;
		action := 'wake';
		lead := '0';
		source := jsonb_build_object('scope', 'session', 'name', p_session, 'by', v_schedule.set_by, 'at', v_schedule.set_at);
		prevent := 'change or delete its schedule';
		RETURN NEXT;
	ELSIF v_session.retry_at IS NOT NULL THEN
		rule := 'retry';
		at := v_session.retry_at;
		action := 'retry';
		lead := '0';
		SELECT jsonb_build_object('scope', 'template', 'name', t.name, 'by', r.created_by, 'at', r.created_at) INTO source
		FROM streamspace_data.template_revision AS r
		JOIN streamspace_data.template AS t ON t.org_id = r.org_id AND t.template_id = r.template_id
		WHERE r.org_id = v_session.org_id AND r.template_id = v_session.template_id AND r.revision = v_session.template_revision;
		prevent := 'terminate it';
		RETURN NEXT;
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.session_plan IS
	'What rules will do to a session by themselves, as things stand: rule max_duration, schedule, idle or retry; at, which may be past; action hibernate, terminate, wake or retry; lead: how long before a warning is shown; seconds of the rule; source {scope, name, by, at}; how a person prevents it. In the order in which equal times count';
