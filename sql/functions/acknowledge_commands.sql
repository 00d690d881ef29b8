CREATE FUNCTION streamspace.acknowledge_commands(p_items jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_item jsonb;
	v_command record;
	v_results text[] := ARRAY[]::text[];
	v_result text;
	v_now timestamptz := streamspace_rules.now();
BEGIN
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_items(p_items));
	FOR v_item IN SELECT i.item FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, position) ORDER BY i.position LOOP
		SELECT c.agent_id, c.state, c.epoch, c.command_id INTO v_command
		FROM streamspace_data.agent_command AS c WHERE c.command_id = v_item ->> 'commandId';
		IF NOT FOUND THEN
			v_result := 'unknown';
		ELSIF v_command.agent_id IS DISTINCT FROM v_item ->> 'agent' THEN
			v_result := 'not_yours';
		ELSIF NOT streamspace_rules.epoch_is_current(v_command.agent_id, streamspace_rules.json_bigint(v_item -> 'epoch')) THEN
			v_result := 'stale_epoch';
		ELSIF v_command.state <> 'sent' OR v_command.epoch <> streamspace_rules.json_bigint(v_item -> 'epoch') THEN
			v_result := 'ignored';
		ELSE
			-- A command that is locked is being ended by somebody else; waiting here could close a circle of waits.
			UPDATE streamspace_data.agent_command AS c SET state = 'acked', acked_at = v_now,
				lease_until = v_now + CASE WHEN a.protocol_version >= 3 THEN interval '10 minutes' ELSE interval '150 seconds' END
			FROM streamspace_data.agent AS a,
				(SELECT x.command_id FROM streamspace_data.agent_command AS x
				WHERE x.command_id = v_command.command_id AND x.state = 'sent' FOR NO KEY UPDATE SKIP LOCKED) AS l
			WHERE c.command_id = l.command_id AND a.agent_id = c.agent_id;
			v_result := CASE WHEN FOUND THEN 'ok' ELSE 'ignored' END;
		END IF;
		v_results := v_results || v_result;
	END LOOP;
	RETURN streamspace_rules.batch_result(v_results);
END
$$;
REVOKE ALL ON FUNCTION streamspace.acknowledge_commands FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.acknowledge_commands TO streamspace_api;
COMMENT ON FUNCTION streamspace.acknowledge_commands IS
	'Records that agents received commands. p_items: [{agent, epoch, commandId}]. Returns [{index, result}], result ok, unknown, not_yours, stale_epoch or ignored. For streamspaced only';
