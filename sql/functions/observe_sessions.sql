CREATE FUNCTION streamspace.observe_sessions(p_items jsonb) RETURNS jsonb
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
	PERFORM FROM streamspace_data.session AS s
	WHERE s.session_id = ANY (ARRAY(SELECT i.item ->> 'sessionId' FROM jsonb_array_elements(p_items) AS i (item)))
	ORDER BY s.session_id FOR NO KEY UPDATE;
	FOR v_item IN SELECT i.item FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, position) ORDER BY i.position LOOP
		IF NOT streamspace_rules.epoch_is_current(v_item ->> 'agent', streamspace_rules.json_bigint(v_item -> 'epoch')) THEN
			v_results := v_results || 'stale_epoch'::text;
			CONTINUE;
		ELSIF streamspace_rules.json_bigint(v_item -> 'revision') IS NULL AND EXISTS (SELECT FROM streamspace_data.agent AS a
			WHERE a.agent_id = v_item ->> 'agent' AND a.protocol_version >= 3)
		THEN
			v_results := v_results || 'ignored'::text; -- it knows revisions: without one nothing is fenced
			CONTINUE;
		END IF;
		SELECT o.* INTO v_one FROM streamspace_rules.observe_session(v_item ->> 'agent', v_item ->> 'sessionId',
			streamspace_rules.json_bigint(v_item -> 'revision'), v_item ->> 'state', v_item ->> 'reason', v_item ->> 'message',
			v_item ->> 'endpoint', streamspace_rules.report_details(v_item)) AS o;
		v_results := v_results || v_one.result;
		v_ended := v_ended || v_one.ended;
		v_freed := v_freed || v_one.freed;
	END LOOP;
	PERFORM streamspace_rules.release(v_ended, v_freed);
	RETURN streamspace_rules.batch_result(v_results);
END
$$;
REVOKE ALL ON FUNCTION streamspace.observe_sessions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.observe_sessions TO streamspace_api;
COMMENT ON FUNCTION streamspace.observe_sessions IS
	'Takes what agents see. p_items: [{agent, epoch, sessionId, revision, state, reason, message, endpoint, details}], revision only from protocol 3 on, and there required, state starting, running, hibernated, terminated or failed. Returns [{index, result}], result ok, unknown, not_yours, stale_epoch, stale_revision or ignored. For streamspaced only';
