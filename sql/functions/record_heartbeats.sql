CREATE FUNCTION streamspace.record_heartbeats(p_items jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_item record;
	v_results text[];
	v_now timestamptz := streamspace_rules.now();
	v_max bigint;
	v_active bigint;
BEGIN
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_items(p_items));
	v_results := array_fill(NULL::text, ARRAY[jsonb_array_length(p_items)]);
	-- in the order of agent_id, so that two batches never wait for each other
	FOR v_item IN
		SELECT i.item, i.position, a.agent_id, a.last_epoch, a.state, a.approval, a.max_sessions, a.protocol_version
		FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, position)
		LEFT JOIN streamspace_data.agent AS a ON a.agent_id = i.item ->> 'agent'
		ORDER BY a.agent_id, i.position
	LOOP
		IF v_item.agent_id IS NULL THEN
			v_results[v_item.position] := 'unknown';
			CONTINUE;
		ELSIF v_item.last_epoch IS DISTINCT FROM streamspace_rules.json_bigint(v_item.item -> 'epoch') OR v_item.approval <> 'approved' THEN
			v_results[v_item.position] := 'stale_epoch';
			CONTINUE;
		END IF;
		v_active := streamspace_rules.json_bigint(v_item.item -> 'activeSessions');
		INSERT INTO streamspace_data.agent_heartbeat AS h (agent_id, epoch, heartbeat_at, status, active_sessions, network)
		VALUES (v_item.agent_id, v_item.last_epoch, v_now, left(v_item.item ->> 'status', 40),
			CASE WHEN v_active > 1000000 THEN 1000000 ELSE v_active END,
			CASE WHEN v_item.item ->> 'network' IN ('open', 'closed') THEN v_item.item ->> 'network' END)
		ON CONFLICT ON CONSTRAINT agent_heartbeat_pkey DO UPDATE SET epoch = EXCLUDED.epoch, heartbeat_at = EXCLUDED.heartbeat_at,
			status = EXCLUDED.status, active_sessions = EXCLUDED.active_sessions, network = EXCLUDED.network
		WHERE h.epoch <= EXCLUDED.epoch;
		v_max := streamspace_rules.json_bigint(v_item.item #> '{capacity,maxSessions}');
		IF v_item.state <> 'online' OR (v_max BETWEEN 0 AND 1000000 AND v_max <> v_item.max_sessions) THEN
			UPDATE streamspace_data.agent AS a SET
				state = CASE WHEN EXISTS (SELECT FROM streamspace_data.agent_connection AS c
					WHERE c.agent_id = a.agent_id AND c.epoch = a.last_epoch AND c.disconnected_at IS NULL) THEN 'online' ELSE a.state END,
				max_sessions = CASE WHEN v_max BETWEEN 0 AND 1000000 THEN v_max::integer ELSE a.max_sessions END,
				updated_at = v_now
			WHERE a.agent_id = v_item.agent_id AND a.last_epoch = v_item.last_epoch;
		END IF;
		v_results[v_item.position] := 'ok';
	END LOOP;
	RETURN streamspace_rules.batch_result(v_results);
END
$$;
REVOKE ALL ON FUNCTION streamspace.record_heartbeats FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.record_heartbeats TO streamspace_api;
COMMENT ON FUNCTION streamspace.record_heartbeats IS
	'Records heartbeats. p_items: [{agent, epoch, status, activeSessions, capacity, network}]; capacity.maxSessions changes the places of the agent, status draining keeps new sessions away; network (open, closed) says whether strangers reach desktops there. Returns [{index, result}], result ok, unknown or stale_epoch. For streamspaced only';
