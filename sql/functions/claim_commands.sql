CREATE FUNCTION streamspace.claim_commands(p_agents jsonb, p_limit integer DEFAULT 100) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_agent record;
	v_claimed jsonb := '[]'::jsonb;
	v_part jsonb;
	v_left integer := least(coalesce(p_limit, 100), 1000);
	v_durable text := current_setting('synchronous_commit');
BEGIN
	-- A claim that a crash of the database loses is made and sent again, and the agent does nothing twice: nobody waits for
	-- the disk. To an agent before protocol 3 a start sent twice is a failure, so its claims are durable (below).
	PERFORM set_config('synchronous_commit', 'off', true);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_items(p_agents));
	FOR v_agent IN
		SELECT a.agent_id, a.last_epoch AS epoch, a.protocol_version
		FROM jsonb_array_elements(p_agents) AS i (item)
		JOIN streamspace_data.agent AS a ON a.agent_id = i.item ->> 'agent' AND a.approval = 'approved'
			AND a.last_epoch = streamspace_rules.json_bigint(i.item -> 'epoch')
		WHERE EXISTS (SELECT FROM streamspace_data.agent_command AS c WHERE c.agent_id = a.agent_id AND c.state = 'pending'
				AND (c.not_before IS NULL OR c.not_before <= v_now)
				AND (a.protocol_version >= 3 OR c.epoch IS NULL OR c.epoch < a.last_epoch))
			OR EXISTS (SELECT FROM streamspace_data.agent_command AS c WHERE c.agent_id = a.agent_id AND c.state IN ('sent', 'acked')
				AND c.epoch < a.last_epoch)
		ORDER BY a.agent_id
	LOOP
		EXIT WHEN v_left <= 0;
		-- The row of the connection fences: neither another claimer nor a new connection comes between.
		PERFORM FROM streamspace_data.agent_connection AS n
		WHERE n.agent_id = v_agent.agent_id AND n.epoch = v_agent.epoch AND n.disconnected_at IS NULL
		FOR NO KEY UPDATE SKIP LOCKED;
		CONTINUE WHEN NOT FOUND;
		IF v_agent.protocol_version < 3 AND EXISTS (
			SELECT FROM streamspace_data.agent_command AS c
			WHERE c.agent_id = v_agent.agent_id AND c.state IN ('sent', 'acked') AND c.epoch = v_agent.epoch)
		THEN
			CONTINUE;
		END IF;
		-- What an earlier connection did not finish is sent again, unless the object has a newer command.
		UPDATE streamspace_data.agent_command AS c SET state = CASE WHEN l.newer THEN 'superseded' ELSE 'pending' END,
			finished_at = CASE WHEN l.newer THEN v_now END, lease_until = NULL
		FROM (SELECT o.command_id, EXISTS (SELECT FROM streamspace_data.agent_command AS n
				WHERE n.agent_id = o.agent_id AND n.object_kind = o.object_kind AND n.object_id = o.object_id
					AND n.state IN ('pending', 'sent', 'acked') AND n.command_number > o.command_number) AS newer
			FROM streamspace_data.agent_command AS o
			WHERE o.agent_id = v_agent.agent_id AND o.state IN ('sent', 'acked') AND o.epoch < v_agent.epoch
			FOR UPDATE SKIP LOCKED) AS l
		WHERE c.command_id = l.command_id;
		WITH chosen AS (
			SELECT c.command_id FROM streamspace_data.agent_command AS c
			WHERE c.agent_id = v_agent.agent_id AND c.state = 'pending'
				AND (c.not_before IS NULL OR c.not_before <= v_now)
				AND (v_agent.protocol_version >= 3 OR c.epoch IS NULL OR c.epoch < v_agent.epoch)
			ORDER BY c.command_number
			LIMIT CASE WHEN v_agent.protocol_version >= 3 THEN v_left ELSE 1 END
			FOR UPDATE SKIP LOCKED
		), sent AS (
			UPDATE streamspace_data.agent_command AS c SET state = 'sent', attempts = c.attempts + 1, epoch = v_agent.epoch,
				sent_at = v_now, acked_at = NULL, not_before = NULL,
				lease_until = v_now + CASE WHEN v_agent.protocol_version >= 3 THEN interval '30 seconds' ELSE interval '150 seconds' END
			FROM chosen AS h WHERE c.command_id = h.command_id
			RETURNING c.command_number, c.command_id, c.action, c.object_kind, c.object_id, c.revision, c.deadline_at, c.payload
		)
		SELECT jsonb_agg(jsonb_build_object('agent', v_agent.agent_id, 'epoch', v_agent.epoch,
			'protocol_version', v_agent.protocol_version, 'command_id', s.command_id,
			'message', CASE WHEN v_agent.protocol_version >= 3
				THEN jsonb_build_object('commandId', s.command_id, 'action', s.action, 'objectKind', s.object_kind, 'objectId', s.object_id,
					'epoch', v_agent.epoch, 'revision', s.revision, 'deadline', s.deadline_at, 'payload', s.payload)
				-- A 2.0 agent reads these two as strings, and an empty one as not set.
				ELSE jsonb_build_object('commandId', s.command_id, 'action', s.action, 'payload', s.payload || jsonb_build_object(
					'idleTimeout', coalesce(s.payload ->> 'idleTimeout', ''),
					'maxSessionDuration', coalesce(s.payload ->> 'maxSessionDuration', ''))) END)
			ORDER BY s.command_number)
		INTO v_part FROM sent AS s;
		IF v_part IS NOT NULL AND v_agent.protocol_version < 3 THEN
			PERFORM set_config('synchronous_commit', v_durable, true);
		END IF;
		IF v_part IS NOT NULL THEN
			v_claimed := v_claimed || v_part;
			v_left := v_left - jsonb_array_length(v_part);
		END IF;
	END LOOP;
	RETURN v_claimed;
END
$$;
REVOKE ALL ON FUNCTION streamspace.claim_commands FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.claim_commands TO streamspace_api;
COMMENT ON FUNCTION streamspace.claim_commands IS
	'Takes what is to be sent to connected agents: [{agent, epoch, protocol_version, command_id, message}], in the order to send it; each is sent with a lease (30 s, 150 s before protocol 3). p_agents: [{agent, epoch}] of the connections of the caller; an epoch that is not current gets nothing. An agent before protocol 3 gets one command at a time and none again on the same connection. For streamspaced only';
