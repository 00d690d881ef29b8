-- The only writer of session.state. Locks: the session, then (unless p_release is false) user, organisation, agent.
CREATE FUNCTION streamspace_rules.apply_event(p_session text, p_event text, p_actor text,
	p_reason text DEFAULT NULL, p_message text DEFAULT NULL, p_details jsonb DEFAULT NULL, p_release boolean DEFAULT true,
	OUT refusal jsonb, OUT to_state text, OUT ended text[], OUT freed text[])
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_session streamspace_data.session;
	v_next record;
	v_now timestamptz := streamspace_rules.now();
	v_commands boolean;
	v_debt boolean;
	v_attempts integer;
	v_retry_at timestamptz;
	v_by_rule boolean;
	v_more record;
BEGIN
	ended := '{}';
	freed := '{}';
	SELECT s.* INTO v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		refusal := streamspace_rules.refusal('session_not_found', jsonb_build_object('session', left(p_session, 100)));
		RETURN;
	END IF;
	SELECT t.to_state, t.deadline, t.on_deadline INTO v_next
	FROM streamspace_data.session_transition AS t WHERE t.from_state = v_session.state AND t.event = p_event;
	IF NOT FOUND THEN
		refusal := streamspace_rules.refusal('invalid_transition', jsonb_build_object(
			'session', p_session, 'state', v_session.state, 'event', p_event,
			'allowed', (SELECT coalesce(jsonb_agg(t.event ORDER BY t.event), '[]')
				FROM streamspace_data.session_transition AS t WHERE t.from_state = v_session.state)));
		RETURN;
	END IF;

	to_state := v_next.to_state;
	v_debt := to_state = 'terminated' AND p_event = 'force_terminate' AND v_session.agent_id IS NOT NULL;
	v_commands := v_session.agent_id IS NOT NULL
		AND (to_state IN ('starting', 'hibernating', 'waking', 'terminating', 'failed') OR v_debt);

	v_by_rule := p_event IN ('report_hibernated', 'report_terminated') AND p_reason IS NULL AND v_session.reason IN ('idle', 'max_duration', 'schedule');
	IF to_state = 'failed' THEN
		SELECT r.attempts, r.retry_at INTO v_attempts, v_retry_at FROM streamspace_rules.plan_retry(v_session, coalesce(p_reason, p_event)) AS r;
	END IF;

	PERFORM set_config('streamspace.event', p_session || ' ' || p_event, true);
	UPDATE streamspace_data.session AS s SET
		state = v_next.to_state,
		state_event = p_event,
		desired_state = CASE
			WHEN v_next.to_state IN ('hibernating', 'hibernated') THEN 'hibernated'
			WHEN v_next.to_state IN ('terminating', 'terminated') THEN 'terminated'
			WHEN v_next.to_state = 'failed' THEN 'stopped'
			ELSE 'running' END,
		agent_revision = s.agent_revision + CASE WHEN p_event = 'retry' OR (v_commands AND p_event <> 'place') THEN 1 ELSE 0 END,
		holds_place = s.holds_place AND v_next.to_state NOT IN ('failed', 'terminated'),
		observed_state = CASE WHEN p_event <> 'retry' THEN s.observed_state END,
		-- Why a rule stopped it is still true when it is stopped.
		reason = CASE WHEN v_by_rule THEN s.reason ELSE p_reason END,
		message = CASE WHEN v_by_rule THEN s.message ELSE left(p_message, 2000) END,
		progress = NULL,
		endpoint = CASE WHEN v_next.to_state = 'running' THEN s.endpoint END,
		cleanup_debt = v_debt,
		-- While it runs, and while its agent brings back what was lost, the run is one.
		started_at = CASE WHEN v_next.to_state = 'running' THEN coalesce(s.started_at, v_now)
			WHEN p_event = 'report_missing' THEN s.started_at END,
		keep_until = CASE WHEN v_next.to_state = 'running' OR p_event = 'report_missing' THEN s.keep_until END,
		decided_at = CASE WHEN p_event IN ('hibernate', 'wake') OR (p_event = 'retry' AND p_actor <> 'rule:retry') THEN v_now ELSE s.decided_at END,
		warning = NULL,
		attempts = CASE WHEN v_next.to_state = 'failed' THEN v_attempts
			WHEN p_event = 'retry' THEN CASE WHEN p_actor = 'rule:retry' THEN s.attempts + 1 ELSE 0 END
			WHEN v_next.to_state = 'hibernated' THEN 0 ELSE s.attempts END,
		retry_at = v_retry_at,
		check_at = CASE WHEN v_next.to_state = 'failed' THEN v_retry_at WHEN v_next.to_state IN ('running', 'hibernated') THEN v_now END,
		deadline_at = v_now + greatest(v_next.deadline, v_retry_at - v_now + interval '1 hour'),
		on_deadline = v_next.on_deadline,
		state_at = v_now,
		updated_at = v_now
	WHERE s.session_id = p_session;
	PERFORM set_config('streamspace.event', '', true);

	INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, reason, message, actor, details)
	SELECT s.org_id, s.session_id, p_event, v_session.state, s.state, s.revision, s.reason, s.message, p_actor, p_details
	FROM streamspace_data.session AS s WHERE s.session_id = p_session;

	IF v_commands THEN
		PERFORM streamspace_rules.queue_session_command(p_session, streamspace_rules.session_action(to_state));
	END IF;
	IF v_session.home_id IS NOT NULL AND p_event = 'place' THEN
		PERFORM streamspace_rules.place_home(v_session.org_id, v_session.home_id, v_session.agent_id);
	ELSIF v_session.home_id IS NOT NULL AND to_state = 'terminated' AND NOT v_debt THEN
		PERFORM streamspace_rules.detach_home(p_session);
	END IF;
	IF to_state = 'terminated' THEN
		ended := ARRAY[p_session];
	END IF;
	IF v_session.holds_place AND to_state IN ('failed', 'terminated') THEN
		freed := ARRAY[p_session];
	END IF;

	-- Without an agent there is nothing to wait for.
	IF to_state = 'terminating' AND v_session.agent_id IS NULL THEN
		SELECT e.* INTO v_more FROM streamspace_rules.apply_event(p_session, 'report_terminated', p_actor,
			p_release => false) AS e;
		to_state := v_more.to_state;
		ended := ended || v_more.ended;
		freed := freed || v_more.freed;
	END IF;
	IF p_release THEN
		PERFORM streamspace_rules.release(ended, freed);
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.apply_event IS
	'Moves a session by an event of session_transition: state, desired state, revision, deadline, history, command. refusal is set, and nothing changed, when the event is not legal. With p_release false the caller passes ended and freed to release() once all its sessions are done';
