CREATE FUNCTION streamspace.report_progress(p_items jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_item jsonb;
	v_command record;
	v_results text[] := ARRAY[]::text[];
	v_result text;
	v_percent bigint;
BEGIN
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_items(p_items));
	PERFORM FROM streamspace_data.session AS s
	WHERE s.session_id = ANY (ARRAY(SELECT c.session_id FROM jsonb_array_elements(p_items) AS i (item)
		JOIN streamspace_data.agent_command AS c ON c.command_id = i.item ->> 'commandId'))
	ORDER BY s.session_id FOR NO KEY UPDATE;
	FOR v_item IN SELECT i.item FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, position) ORDER BY i.position LOOP
		SELECT c.agent_id, c.session_id, c.revision INTO v_command
		FROM streamspace_data.agent_command AS c WHERE c.command_id = v_item ->> 'commandId';
		IF NOT FOUND THEN
			v_result := 'unknown';
		ELSIF v_command.agent_id IS DISTINCT FROM v_item ->> 'agent' THEN
			v_result := 'not_yours';
		ELSIF NOT streamspace_rules.epoch_is_current(v_command.agent_id, streamspace_rules.json_bigint(v_item -> 'epoch')) THEN
			v_result := 'stale_epoch';
		ELSE
			v_percent := streamspace_rules.json_bigint(v_item -> 'percent');
			UPDATE streamspace_data.session AS s SET progress = jsonb_build_object('phase', left(v_item ->> 'phase', 100),
				'percent', CASE WHEN v_percent > 100 THEN 100 ELSE v_percent END)
			WHERE s.session_id = v_command.session_id AND s.agent_revision = v_command.revision AND s.deadline_at IS NOT NULL AND s.state <> 'failed';
			v_result := CASE WHEN FOUND THEN 'ok' ELSE 'stale_revision' END;
		END IF;
		v_results := v_results || v_result;
	END LOOP;
	RETURN streamspace_rules.batch_result(v_results);
END
$$;
REVOKE ALL ON FUNCTION streamspace.report_progress FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.report_progress TO streamspace_api;
COMMENT ON FUNCTION streamspace.report_progress IS
	'Shows how far a command is. p_items: [{agent, epoch, commandId, phase, percent}], percent 0 to 100 or null. Returns [{index, result}], result ok, unknown, not_yours, stale_epoch or stale_revision. For streamspaced only';
