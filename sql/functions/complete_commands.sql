CREATE FUNCTION streamspace.complete_commands(p_items jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_item jsonb;
	v_one record;
	v_results text[] := ARRAY[]::text[];
	v_ended text[] := ARRAY[]::text[];
	v_freed text[] := ARRAY[]::text[];
BEGIN
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_items(p_items));
	-- Sessions before commands, each in its order: the order of every other writer.
	PERFORM FROM streamspace_data.session AS s
	WHERE s.session_id = ANY (ARRAY(SELECT c.session_id FROM jsonb_array_elements(p_items) AS i (item)
		JOIN streamspace_data.agent_command AS c ON c.command_id = i.item ->> 'commandId'))
	ORDER BY s.session_id FOR NO KEY UPDATE;
	PERFORM FROM streamspace_data.agent_command AS c
	WHERE c.command_id = ANY (ARRAY(SELECT i.item ->> 'commandId' FROM jsonb_array_elements(p_items) AS i (item)))
	ORDER BY c.command_number FOR NO KEY UPDATE;
	FOR v_item IN SELECT i.item FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, position) ORDER BY i.position LOOP
		SELECT o.* INTO v_one FROM streamspace_rules.complete_command(v_item) AS o;
		v_results := v_results || v_one.result;
		v_ended := v_ended || v_one.ended;
		v_freed := v_freed || v_one.freed;
	END LOOP;
	PERFORM streamspace_rules.release(v_ended, v_freed);
	RETURN streamspace_rules.batch_result(v_results);
END
$$;
REVOKE ALL ON FUNCTION streamspace.complete_commands FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.complete_commands TO streamspace_api;
COMMENT ON FUNCTION streamspace.complete_commands IS
	'Takes results of commands. p_items: [{agent, epoch, commandId, ok, result, error, reason}]; result {state, revision} of a protocol 3 agent counts as a report too. Returns [{index, result}], result ok, unknown, not_yours, stale_epoch, stale_revision or ignored; only ok changed anything but the command. For streamspaced only';
