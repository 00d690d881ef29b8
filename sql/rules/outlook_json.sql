CREATE FUNCTION streamspace_rules.outlook_json(p_session text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_session streamspace_data.session;
	v_activity streamspace_data.session_activity;
	v_all jsonb;
BEGIN
	SELECT s.* INTO STRICT v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	SELECT a.* INTO v_activity FROM streamspace_data.session_activity AS a WHERE a.org_id = v_session.org_id AND a.session_id = p_session;
	SELECT coalesce(jsonb_agg(x.entry ORDER BY x.at, x.number), '[]') INTO v_all FROM (
		SELECT w.at, p.number, jsonb_build_object('at', w.at, 'warn_at', CASE WHEN p.lead > '0' THEN p.at - p.lead END,
			'action', p.action, 'rule', p.rule, 'seconds', p.seconds, 'scope', p.source -> 'scope', 'name', p.source -> 'name',
			'set_by', p.source -> 'by', 'set_at', p.source -> 'at', 'prevent', p.prevent) AS entry
		FROM streamspace_rules.session_plan(p_session) WITH ORDINALITY AS p (rule, at, action, lead, seconds, source, prevent, number)
		CROSS JOIN LATERAL (SELECT CASE WHEN v_session.warning ->> 'rule' = p.rule AND p.at <= (v_session.warning ->> 'at')::timestamptz
			THEN (v_session.warning ->> 'at')::timestamptz ELSE p.at END) AS w (at)
		UNION ALL
		SELECT v_session.deadline_at, 100, jsonb_build_object('at', v_session.deadline_at, 'warn_at', NULL,
			'action', CASE t.to_state WHEN 'failed' THEN 'fail' ELSE 'terminate' END, 'rule', 'deadline',
			'seconds', extract(epoch FROM v_session.deadline_at - v_session.state_at)::integer,
			'scope', 'installation', 'name', v_session.on_deadline, 'set_by', 'system', 'set_at', v_session.state_at,
			'prevent', CASE v_session.state WHEN 'pending' THEN 'connect an agent that fits, or free a place'
				WHEN 'failed' THEN 'retry it' ELSE 'its agent reports before' END)
		FROM streamspace_data.session_transition AS t
		WHERE v_session.deadline_at IS NOT NULL AND t.from_state = v_session.state AND t.event = v_session.on_deadline) AS x;
	RETURN jsonb_build_object('session', p_session, 'state', v_session.state,
		'next', v_all -> 0, 'all', v_all, 'warning', v_session.warning, 'kept_until', v_session.keep_until,
		'kept_active_by', CASE WHEN v_session.state = 'running' THEN CASE WHEN v_activity.active_at >= v_session.started_at
			THEN jsonb_build_object('kind', v_activity.kind, 'at', v_activity.active_at, 'by', v_activity.actor)
			ELSE jsonb_build_object('kind', 'unknown', 'at', greatest(v_session.started_at, pg_postmaster_start_time()), 'by', NULL) END END);
END
$$;
COMMENT ON FUNCTION streamspace_rules.outlook_json IS 'What session_outlook answers';
