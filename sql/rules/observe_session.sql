-- The session is locked by the caller.
CREATE FUNCTION streamspace_rules.observe_session(p_agent text, p_session text, p_revision bigint, p_state text,
	p_reason text, p_message text, p_endpoint text, p_details jsonb,
	OUT result text, OUT ended text[], OUT freed text[])
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_session streamspace_data.session;
	v_event record;
	v_name text;
	v_revision bigint;
	v_now timestamptz := streamspace_rules.now();
BEGIN
	ended := '{}';
	freed := '{}';
	SELECT s.* INTO v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	IF NOT FOUND THEN
		result := 'unknown';
		RETURN;
	ELSIF v_session.agent_id IS DISTINCT FROM p_agent THEN
		result := 'not_yours';
		RETURN;
	ELSIF p_revision < v_session.agent_revision THEN
		result := 'stale_revision';
		RETURN;
	ELSIF p_state IS NULL OR p_state NOT IN ('starting', 'running', 'hibernated', 'terminated', 'failed') OR p_revision > v_session.agent_revision THEN
		result := 'ignored';
		RETURN;
	END IF;

	v_name := 'report_' || p_state;
	IF EXISTS (SELECT FROM streamspace_data.session_transition AS t WHERE t.from_state = v_session.state AND t.event = v_name) THEN
		SELECT e.* INTO v_event FROM streamspace_rules.apply_event(p_session, v_name, 'agent:' || p_agent,
			CASE WHEN p_state = 'failed' THEN coalesce(left(p_reason, 200), 'agent_reported_failure')
				WHEN p_state = 'terminated' AND v_session.state <> 'terminating' THEN coalesce(left(p_reason, 200), 'compute_ended') END,
			CASE WHEN p_state IN ('failed', 'terminated') THEN p_message END,
			p_details, false) AS e;
		ended := v_event.ended;
		freed := v_event.freed;
		UPDATE streamspace_data.session AS s SET observed_state = p_state, observed_revision = v_session.agent_revision, observed_at = v_now,
			endpoint = CASE WHEN p_state = 'running' THEN left(p_endpoint, 500) ELSE s.endpoint END,
			details = coalesce(p_details, s.details)
		WHERE s.session_id = p_session;
		result := 'ok';
		RETURN;
	END IF;

	UPDATE streamspace_data.session AS s SET observed_state = p_state, observed_revision = v_session.agent_revision, observed_at = v_now,
		endpoint = CASE WHEN p_state = 'running' THEN coalesce(left(p_endpoint, 500), s.endpoint) ELSE s.endpoint END,
		details = coalesce(p_details, s.details),
		reason = CASE WHEN s.state IN ('starting', 'waking', 'running') AND p_state IN ('starting', 'running') THEN left(p_reason, 200) ELSE s.reason END,
		message = CASE WHEN s.state IN ('starting', 'waking', 'running') AND p_state IN ('starting', 'running') THEN left(p_message, 2000) ELSE s.message END,
		updated_at = CASE WHEN s.observed_state IS DISTINCT FROM p_state OR s.reason IS DISTINCT FROM left(p_reason, 200) THEN v_now ELSE s.updated_at END
	WHERE s.session_id = p_session RETURNING s.revision INTO v_revision;
	IF v_session.observed_state IS DISTINCT FROM p_state OR (p_reason IS NOT NULL AND v_session.reason IS DISTINCT FROM left(p_reason, 200)) THEN
		INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, reason, message, actor, details)
		VALUES (v_session.org_id, p_session, 'observed_' || p_state, v_session.state, v_session.state, v_revision,
			left(p_reason, 200), left(p_message, 2000), 'agent:' || p_agent, p_details);
	END IF;
	IF v_session.cleanup_debt AND p_state = 'terminated' THEN
		PERFORM streamspace_rules.settle_debt(p_session, p_agent);
	END IF;
	result := 'ok';
END
$$;
COMMENT ON FUNCTION streamspace_rules.observe_session IS
	'One report of an agent about a session: observed state always, state only where the transition table takes it. p_revision NULL: the agent knows of none. result ok, unknown, not_yours, stale_revision or ignored; the caller passes ended and freed to release()';
