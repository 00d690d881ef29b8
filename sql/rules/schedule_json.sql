CREATE FUNCTION streamspace_rules.schedule_json(p_org_id integer, p_session text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object('session', c.session_id, 'time_zone', c.time_zone, 'days', to_jsonb(c.days),
		'start', to_char(c.start_time, 'HH24:MI'), 'stop', to_char(c.stop_time, 'HH24:MI'), 'enabled', c.enabled,
		'set_by', c.set_by, 'set_at', c.set_at, 'revision', c.revision)
	INTO v_json
	FROM streamspace_data.session_schedule AS c WHERE c.org_id = p_org_id AND c.session_id = p_session;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.schedule_json IS 'The schedule of a session as callers see it; NULL when it has none';
