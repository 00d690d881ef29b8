CREATE FUNCTION streamspace.claim_commands(p_agents jsonb, p_limit integer DEFAULT 100) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Planned once a connection: planning took longer than running. The plan must not depend on how small the tables were then.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_limit integer := least(coalesce(p_limit, 100), 1000);
	v_durable text := current_setting('synchronous_commit');
	v_agents text[];
	v_epochs bigint[];
	v_protocols integer[];
	v_again boolean;
	v_old boolean;
	v_claimed jsonb;
BEGIN
	-- A claim that a crash of the database loses is made and sent again, and the agent does nothing twice: nobody waits for
	-- the disk. To an agent before protocol 3 a start sent twice is a failure, so its claims are durable (below).
	PERFORM set_config('synchronous_commit', 'off', true);
	IF jsonb_typeof(p_agents) IS DISTINCT FROM 'array' OR jsonb_array_length(p_agents) > 5000 THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_items(p_agents));
	END IF;
	-- The row of the connection fences: neither another claimer nor a new connection comes between.
	IF jsonb_array_length(p_agents) = 1 THEN
		-- The common case, a ring for one agent, without a plan for many.
		SELECT ARRAY[n.agent_id], ARRAY[n.epoch], ARRAY[a.protocol_version], a.protocol_version < 3,
			EXISTS (SELECT FROM streamspace_data.agent_command AS c
				WHERE c.agent_id = a.agent_id AND c.state IN ('sent', 'acked') AND c.epoch < a.last_epoch)
		INTO v_agents, v_epochs, v_protocols, v_old, v_again
		FROM streamspace_data.agent_connection AS n
		JOIN streamspace_data.agent AS a ON a.agent_id = n.agent_id AND a.last_epoch = n.epoch AND a.approval = 'approved'
		WHERE n.agent_id = p_agents #>> '{0,agent}' AND n.disconnected_at IS NULL
			AND n.epoch = streamspace_rules.json_bigint(p_agents #> '{0,epoch}')
		FOR NO KEY UPDATE OF n SKIP LOCKED;
	ELSE
		SELECT array_agg(x.agent_id), array_agg(x.epoch), array_agg(x.protocol_version), bool_or(x.protocol_version < 3), bool_or(x.again)
		INTO v_agents, v_epochs, v_protocols, v_old, v_again
		FROM (
			SELECT n.agent_id, n.epoch, a.protocol_version, w.again
			FROM jsonb_array_elements(p_agents) AS i (item)
			JOIN streamspace_data.agent AS a ON a.agent_id = i.item ->> 'agent' AND a.approval = 'approved'
				AND a.last_epoch = streamspace_rules.json_bigint(i.item -> 'epoch')
			JOIN streamspace_data.agent_connection AS n ON n.agent_id = a.agent_id AND n.epoch = a.last_epoch AND n.disconnected_at IS NULL
			CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM streamspace_data.agent_command AS c
				WHERE c.agent_id = a.agent_id AND c.state IN ('sent', 'acked') AND c.epoch < a.last_epoch) AS again) AS w
			WHERE w.again OR EXISTS (SELECT FROM streamspace_data.agent_command AS c WHERE c.agent_id = a.agent_id AND c.state = 'pending'
					AND (c.not_before IS NULL OR c.not_before <= v_now)
					AND (a.protocol_version >= 3 OR c.epoch IS NULL OR c.epoch < a.last_epoch))
			ORDER BY n.agent_id
			FOR NO KEY UPDATE OF n SKIP LOCKED) AS x;
	END IF;
	IF v_agents IS NULL OR v_limit <= 0 THEN
		RETURN '[]'::jsonb;
	END IF;
	IF v_again THEN
		-- What an earlier connection did not finish is sent again, unless the object has a newer command.
		UPDATE streamspace_data.agent_command AS c SET state = CASE WHEN l.newer THEN 'superseded' ELSE 'pending' END,
			finished_at = CASE WHEN l.newer THEN v_now END, lease_until = NULL
		FROM (SELECT o.command_id, EXISTS (SELECT FROM streamspace_data.agent_command AS n
				WHERE n.agent_id = o.agent_id AND n.object_kind = o.object_kind AND n.object_id = o.object_id
					AND n.state IN ('pending', 'sent', 'acked') AND n.command_number > o.command_number) AS newer
			FROM unnest(v_agents, v_epochs) AS g (agent_id, epoch)
			JOIN streamspace_data.agent_command AS o ON o.agent_id = g.agent_id AND o.state IN ('sent', 'acked') AND o.epoch < g.epoch
			FOR UPDATE OF o SKIP LOCKED) AS l
		WHERE c.command_id = l.command_id;
	END IF;
	WITH chosen AS (
		SELECT h.command_id, g.epoch, g.protocol_version, g.position
		FROM unnest(v_agents, v_epochs, v_protocols) WITH ORDINALITY AS g (agent_id, epoch, protocol_version, position)
		CROSS JOIN LATERAL (SELECT c.command_id, c.command_number FROM streamspace_data.agent_command AS c
			WHERE c.agent_id = g.agent_id AND c.state = 'pending' AND (c.not_before IS NULL OR c.not_before <= v_now)
				AND (g.protocol_version >= 3 OR ((c.epoch IS NULL OR c.epoch < g.epoch) AND NOT EXISTS (
					SELECT FROM streamspace_data.agent_command AS b
					WHERE b.agent_id = g.agent_id AND b.state IN ('sent', 'acked') AND b.epoch = g.epoch)))
			ORDER BY c.command_number
			LIMIT CASE WHEN g.protocol_version >= 3 THEN v_limit ELSE 1 END
			FOR UPDATE SKIP LOCKED) AS h
		LIMIT v_limit
	), sent AS (
		UPDATE streamspace_data.agent_command AS c SET state = 'sent', attempts = c.attempts + 1, epoch = h.epoch,
			sent_at = v_now, acked_at = NULL, not_before = NULL,
			lease_until = v_now + CASE WHEN h.protocol_version >= 3 THEN interval '30 seconds' ELSE interval '150 seconds' END
		FROM chosen AS h WHERE c.command_id = h.command_id
		RETURNING h.position, h.epoch, h.protocol_version, c.agent_id, c.command_number, c.command_id, c.action, c.object_kind,
			c.object_id, c.revision, c.deadline_at, c.payload
	)
	SELECT jsonb_agg(jsonb_build_object('agent', s.agent_id, 'epoch', s.epoch,
		'protocol_version', s.protocol_version, 'command_id', s.command_id,
		'message', CASE WHEN s.protocol_version >= 3
			THEN jsonb_build_object('commandId', s.command_id, 'action', s.action, 'objectKind', s.object_kind, 'objectId', s.object_id,
				'epoch', s.epoch, 'revision', s.revision, 'deadline', s.deadline_at, 'payload', s.payload)
			-- A 2.0 agent reads these two as strings, and an empty one as not set.
			ELSE jsonb_build_object('commandId', s.command_id, 'action', s.action, 'payload', s.payload || jsonb_build_object(
				'idleTimeout', coalesce(s.payload ->> 'idleTimeout', ''),
				'maxSessionDuration', coalesce(s.payload ->> 'maxSessionDuration', ''))) END)
		ORDER BY s.position, s.command_number)
	INTO v_claimed FROM sent AS s;
	IF v_old AND v_claimed IS NOT NULL THEN
		PERFORM set_config('synchronous_commit', v_durable, true);
	END IF;
	RETURN coalesce(v_claimed, '[]');
END
$$;
REVOKE ALL ON FUNCTION streamspace.claim_commands FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.claim_commands TO streamspace_api;
COMMENT ON FUNCTION streamspace.claim_commands IS
	'Takes what is to be sent to connected agents: [{agent, epoch, protocol_version, command_id, message}], in the order to send it; each is sent with a lease (30 s, 150 s before protocol 3). p_agents: [{agent, epoch}] of the connections of the caller; an epoch that is not current gets nothing. An agent before protocol 3 gets one command at a time and none again on the same connection. For streamspaced only';
