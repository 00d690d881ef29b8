CREATE FUNCTION streamspace.review_viewers(p_replica text, p_items jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_rows streamspace_data.connection[];
	v_found record;
BEGIN
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_items(p_items));
	SELECT array_agg(c) INTO v_rows FROM streamspace_data.connection AS c
	WHERE c.connection_id = ANY (ARRAY(SELECT i.item ->> 'connection' FROM jsonb_array_elements(p_items) AS i (item)))
		AND c.replica = p_replica;
	WITH item AS (
		SELECT i.item ->> 'connection' AS connection_id, max(streamspace_rules.json_bigint(i.item -> 'received')) AS received,
			max(streamspace_rules.json_bigint(i.item -> 'sent')) AS sent,
			min(streamspace_rules.json_bigint(i.item -> 'input_ago_ms')) AS ago_ms
		FROM jsonb_array_elements(p_items) AS i (item) WHERE i.item ->> 'connection' IS NOT NULL GROUP BY 1
	), judged AS (
		SELECT i.connection_id, i.received, i.sent, c.connection_id IS NULL OR j.verdict IS NOT NULL AS cut, coalesce(j.verdict, 'closed') AS reason,
			c.session_id, c.org_id, c.viewer, c.reviewed_at, j.token_hash, j.last_used_at,
			-- Input of who may only look never arrives; whatever its server says, it is nobody's activity.
			CASE WHEN c.mode = 'control' AND j.verdict IS NULL THEN CASE WHEN i.ago_ms > 86400000 THEN 86400000 ELSE i.ago_ms END END AS ago_ms
		FROM item AS i
		LEFT JOIN unnest(v_rows) AS c ON c.connection_id = i.connection_id
		LEFT JOIN streamspace_rules.judge_viewers(v_rows) AS j ON j.connection_id = i.connection_id
	), timed AS (
		SELECT g.*, v_now - g.ago_ms * interval '1 millisecond' AS input_at FROM judged AS g
	)
	SELECT coalesce(jsonb_agg(jsonb_build_object('connection', g.connection_id, 'reason', g.reason) ORDER BY g.connection_id)
			FILTER (WHERE g.cut), '[]') AS cut,
		-- While somebody types a row is written every other second; the last input is written as it was.
		jsonb_agg(jsonb_build_object('session', g.session_id, 'ago_ms', g.ago_ms, 'actor', g.viewer))
			FILTER (WHERE g.input_at > coalesce(a.active_at, '-infinity') + CASE WHEN g.ago_ms < 2000 THEN interval '2 seconds' ELSE '0' END) AS active,
		-- Who works in a session uses his log-in.
		jsonb_agg(jsonb_build_object('hash', encode(g.token_hash, 'hex'), 'age_ms', g.ago_ms))
			FILTER (WHERE g.input_at > coalesce(g.last_used_at, '-infinity') + interval '1 minute') AS used,
		jsonb_agg(jsonb_build_object('connection', g.connection_id, 'received', g.received, 'sent', g.sent, 'input_at', g.input_at))
			FILTER (WHERE NOT g.cut AND g.reviewed_at <= v_now - interval '10 seconds') AS heard
	INTO v_found
	FROM timed AS g
	LEFT JOIN streamspace_data.session_activity AS a ON a.org_id = g.org_id AND a.session_id = g.session_id;

	IF v_found.active IS NULL THEN
		PERFORM set_config('synchronous_commit', 'off', true);
	ELSE
		PERFORM streamspace.record_activity(v_found.active);
	END IF;
	IF v_found.used IS NOT NULL THEN
		PERFORM streamspace.record_credential_uses(v_found.used);
	END IF;
	IF v_found.heard IS NOT NULL THEN
		UPDATE streamspace_data.connection AS c SET reviewed_at = v_now, received = greatest(c.received, l.received), sent = greatest(c.sent, l.sent),
			last_input_at = greatest(c.last_input_at, l.input_at)
		FROM (SELECT x.org_id, x.connection_id, h.received, h.sent, h.input_at
			FROM jsonb_to_recordset(v_found.heard) AS h (connection text, received bigint, sent bigint, input_at timestamptz)
			JOIN streamspace_data.connection AS x ON x.connection_id = h.connection AND x.closed_at IS NULL
			ORDER BY x.connection_id FOR NO KEY UPDATE OF x SKIP LOCKED) AS l
		WHERE c.org_id = l.org_id AND c.connection_id = l.connection_id;
	END IF;
	RETURN jsonb_build_object('cut', v_found.cut);
END
$$;
REVOKE ALL ON FUNCTION streamspace.review_viewers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.review_viewers TO streamspace_api;
COMMENT ON FUNCTION streamspace.review_viewers IS
	'Asks of the viewers that the server p_replica has whether they may go on: {cut: [{connection, reason}]}. p_items: [{connection, input_ago_ms, received, sent}]: how long ago the last input was that reached the session (null: none since it was opened), and the bytes so far. reason: closed (also unknown, or of another server), logged_out, access_revoked, session_hibernated, session_terminated, session_failed, session_restarted. Input counts as activity of the session and as use of the log-in; what a viewer may not send counts as nothing. To be called about twice a second while there are viewers; one of which nothing is heard for a minute is closed by tick(). For streamspaced only';
