CREATE FUNCTION streamspace.record_activity(p_items jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_durable text := current_setting('synchronous_commit');
	v_session text;
	v_warned text[];
	v_results text[];
BEGIN
	-- What a crash loses counts as unknown, which is never idle: nobody waits for the disk.
	PERFORM set_config('synchronous_commit', 'off', true);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_items(p_items));
	-- Near a stop the order counts: whoever has the session first, the sweep or this input.
	SELECT array_agg(x.session_id) INTO v_warned FROM (SELECT s.session_id FROM streamspace_data.session AS s
		WHERE s.session_id = ANY (ARRAY(SELECT i.item ->> 'session' FROM jsonb_array_elements(p_items) AS i (item))) AND s.warning IS NOT NULL
		ORDER BY s.session_id FOR NO KEY UPDATE) AS x;
	WITH item AS (
		SELECT i.position, i.item ->> 'session' AS session_id, left(coalesce(i.item ->> 'actor', 'system'), 300) AS actor,
			v_now - least(coalesce(streamspace_rules.json_bigint(i.item -> 'ago_ms'), 0), 86400000) * interval '1 millisecond' AS active_at
		FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i (item, position)
	), latest AS (
		SELECT DISTINCT ON (s.session_id) s.org_id, s.session_id, i.active_at, i.actor
		FROM item AS i JOIN streamspace_data.session AS s ON s.session_id = i.session_id AND s.state = 'running'
		ORDER BY s.session_id, i.active_at DESC
	), written AS (
		INSERT INTO streamspace_data.session_activity AS a (org_id, session_id, active_at, kind, actor)
		SELECT l.org_id, l.session_id, l.active_at, 'input', l.actor FROM latest AS l ORDER BY l.session_id
		ON CONFLICT ON CONSTRAINT session_activity_pkey DO UPDATE SET active_at = EXCLUDED.active_at, actor = EXCLUDED.actor
		WHERE a.active_at < EXCLUDED.active_at
	)
	SELECT array_agg(CASE WHEN s.session_id IS NULL THEN 'unknown' WHEN s.state = 'running' THEN 'ok' ELSE 'ignored' END ORDER BY i.position)
	INTO v_results
	FROM item AS i LEFT JOIN streamspace_data.session AS s ON s.session_id = i.session_id;
	IF v_warned IS NOT NULL THEN
		PERFORM set_config('synchronous_commit', v_durable, true);
		FOREACH v_session IN ARRAY v_warned LOOP
			PERFORM streamspace_rules.review_session(v_session, false);
		END LOOP;
	END IF;
	RETURN streamspace_rules.batch_result(coalesce(v_results, '{}'));
END
$$;
REVOKE ALL ON FUNCTION streamspace.record_activity FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.record_activity TO streamspace_api;
COMMENT ON FUNCTION streamspace.record_activity IS
	'Records input that viewers gave to running sessions, and withdraws warnings of idleness. p_items: [{session, ago_ms, actor}]: how many milliseconds ago the last one was (0 to 86400000, default 0) and whose it was. Returns [{index, result}], result ok, unknown or ignored (it does not run). For streamspaced only';
