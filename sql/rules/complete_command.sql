-- Session and command are locked by the caller.
CREATE FUNCTION streamspace_rules.complete_command(p_item jsonb, OUT result text, OUT ended text[], OUT freed text[])
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_command streamspace_data.agent_command;
	v_session streamspace_data.session;
	v_agent text := p_item ->> 'agent';
	v_result jsonb := CASE
		WHEN jsonb_typeof(p_item -> 'result') = 'object' AND length(p_item ->> 'result') <= 65536 THEN p_item -> 'result' ELSE '{}' END;
	v_ok boolean := coalesce(p_item -> 'ok' = 'true', false);
	v_version integer;
	v_state text;
	v_one record;
	v_now timestamptz := streamspace_rules.now();
BEGIN
	ended := '{}';
	freed := '{}';
	SELECT c.* INTO v_command FROM streamspace_data.agent_command AS c WHERE c.command_id = p_item ->> 'commandId';
	IF NOT FOUND THEN
		result := 'unknown';
		RETURN;
	ELSIF v_command.agent_id IS DISTINCT FROM v_agent THEN
		result := 'not_yours';
		RETURN;
	ELSIF NOT streamspace_rules.epoch_is_current(v_agent, streamspace_rules.json_bigint(p_item -> 'epoch')) THEN
		result := 'stale_epoch';
		RETURN;
	ELSIF v_command.state NOT IN ('pending', 'sent', 'acked') THEN
		result := 'ignored';
		RETURN;
	END IF;
	SELECT a.protocol_version INTO v_version FROM streamspace_data.agent AS a WHERE a.agent_id = v_agent;

	-- A 2.0 agent fails the stop of what it does not have. When nothing tells that the session still runs there, or an
	-- earlier stop went without an answer, it is believed in the end.
	IF NOT v_ok AND v_version < 3 AND v_command.action = 'stop_session' AND v_command.failures >= 4 THEN
		v_ok := v_command.attempts > v_command.failures + 1
			OR NOT EXISTS (SELECT FROM streamspace_data.session AS s
				WHERE s.session_id = v_command.session_id AND s.observed_state IN ('starting', 'running', 'hibernated'))
			OR EXISTS (SELECT FROM streamspace_data.agent_command AS c
				WHERE c.org_id = v_command.org_id AND c.session_id = v_command.session_id AND c.agent_id = v_agent
					AND c.action = 'stop_session' AND c.state = 'superseded' AND c.attempts > c.failures);
	END IF;

	-- What has to be gone is tried again, with growing pauses; a failure of it settles nothing. So is what only brings an
	-- agent back in line: it has no deadline, nothing else would. A newer command of the object brings its own tries.
	IF NOT v_ok AND v_command.failures < 20
		AND (v_command.action IN ('stop_session', 'remove') OR (v_version >= 3 AND v_command.deadline_at IS NULL))
		AND NOT EXISTS (SELECT FROM streamspace_data.agent_command AS c
			WHERE c.agent_id = v_agent AND c.object_kind = v_command.object_kind AND c.object_id = v_command.object_id
				AND c.state IN ('pending', 'sent', 'acked') AND c.command_number > v_command.command_number)
	THEN
		UPDATE streamspace_data.agent_command AS c SET state = 'pending', failures = c.failures + 1, lease_until = NULL,
			epoch = NULL, error = left(p_item ->> 'error', 2000),
			not_before = v_now + least(interval '2 seconds' * 2 ^ c.failures, interval '5 minutes')
		WHERE c.command_id = v_command.command_id;
		UPDATE streamspace_data.session AS s SET reason = CASE WHEN s.state = 'failed' THEN s.reason ELSE 'stop_failed' END,
			message = CASE WHEN s.state = 'failed' THEN s.message ELSE left(p_item ->> 'error', 2000) END, updated_at = v_now
		WHERE s.session_id = v_command.session_id AND s.agent_revision = v_command.revision AND s.state <> 'terminated'
			AND v_command.action = 'stop_session';
		result := 'ok';
		RETURN;
	END IF;

	UPDATE streamspace_data.agent_command AS c SET state = CASE WHEN v_ok THEN 'completed' ELSE 'failed' END,
		finished_at = v_now, lease_until = NULL, result = v_result, error = left(p_item ->> 'error', 2000)
	WHERE c.command_id = v_command.command_id;
	IF v_command.session_id IS NULL THEN
		IF v_ok THEN
			DELETE FROM streamspace_data.agent_orphan AS o
			WHERE o.agent_id = v_agent AND o.object_kind = v_command.object_kind AND o.object_id = v_command.object_id
				AND o.command_id = v_command.command_id;
			IF v_command.object_kind = 'home' AND v_command.action = 'remove' THEN
				PERFORM streamspace_rules.settle_home(v_command.org_id, v_command.object_id);
			END IF;
		END IF;
		result := 'ok';
		RETURN;
	END IF;
	SELECT s.* INTO STRICT v_session FROM streamspace_data.session AS s WHERE s.session_id = v_command.session_id;
	IF v_command.revision < v_session.agent_revision THEN
		result := 'stale_revision';
		RETURN;
	END IF;

	IF v_ok THEN
		v_state := v_result ->> 'state';
		IF v_version < 3 OR v_state IS NULL THEN
			v_state := CASE v_command.action WHEN 'start_session' THEN 'running' WHEN 'wake_session' THEN 'running'
				WHEN 'hibernate_session' THEN 'hibernated' ELSE 'terminated' END;
		END IF;
		SELECT o.* INTO v_one FROM streamspace_rules.observe_session(v_agent, v_session.session_id,
			CASE WHEN v_version >= 3 THEN streamspace_rules.json_bigint(v_result -> 'revision') END, v_state,
			v_result ->> 'reason', v_result ->> 'message', v_result ->> 'endpoint',
			streamspace_rules.report_details(v_result)) AS o;
		result := v_one.result;
		ended := v_one.ended;
		freed := v_one.freed;
		IF v_command.action = 'stop_session' AND v_session.state = 'terminated' THEN
			PERFORM streamspace_rules.settle_debt(v_session.session_id, v_agent);
		END IF;
		RETURN;
	END IF;

	result := 'ok';
	IF v_version < 3 AND v_command.action = 'start_session' AND v_command.attempts > 1 AND v_session.state = 'starting' THEN
		-- The first sending may have had its effect and its answer may be lost: ask for what is there, which a
		-- 2.0 agent answers by its wake command, and believe only that.
		PERFORM streamspace_rules.queue_session_command(v_session.session_id, 'wake_session');
	ELSIF v_session.state IN ('starting', 'waking', 'hibernating') OR (v_session.state = 'running' AND v_command.failures >= 20) THEN
		SELECT e.* INTO v_one FROM streamspace_rules.apply_event(v_session.session_id, 'report_failed', 'agent:' || v_agent,
			coalesce(left(p_item ->> 'reason', 200), replace(v_command.action, '_session', '_failed')),
			p_item ->> 'error', NULL, false) AS e;
		ended := v_one.ended;
		freed := v_one.freed;
		UPDATE streamspace_data.session AS s SET observed_state = 'failed', observed_revision = v_command.revision, observed_at = v_now
		WHERE s.session_id = v_session.session_id;
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.complete_command IS
	'One result of a command: ends the command and takes the result as a report of the session. result ok, unknown, not_yours, stale_epoch, stale_revision or ignored; the caller passes ended and freed to release()';
