CREATE FUNCTION streamspace_rules.sweep_viewers(p_limit integer) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_heard timestamptz := streamspace_rules.viewers_heard_since();
	v_keep interval;
	v_lost integer;
	v_streams integer;
	v_tickets integer;
	v_rows integer;
BEGIN
	-- Of a server that died, or that lost sight of the viewer.
	UPDATE streamspace_data.connection AS c SET closed_at = v_now, reason = 'lost', relay_hash = NULL, relay_replica = NULL, relay_until = NULL,
		revision = c.revision + 1
	FROM (SELECT x.org_id, x.connection_id FROM streamspace_data.connection AS x
		WHERE x.closed_at IS NULL AND x.opened_at < v_heard AND x.reviewed_at < v_heard
		ORDER BY x.opened_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED) AS l
	WHERE c.org_id = l.org_id AND c.connection_id = l.connection_id;
	GET DIAGNOSTICS v_lost = ROW_COUNT;
	-- What an earlier connection of the agent left behind.
	DELETE FROM streamspace_data.agent_stream AS s WHERE s.agent_id IN (
		SELECT x.agent_id FROM streamspace_data.agent_stream AS x JOIN streamspace_data.agent AS a ON a.agent_id = x.agent_id
		WHERE x.epoch <> a.last_epoch LIMIT p_limit FOR UPDATE OF x SKIP LOCKED);
	GET DIAGNOSTICS v_streams = ROW_COUNT;
	DELETE FROM streamspace_data.viewer_ticket AS t WHERE t.ticket_hash IN (
		SELECT x.ticket_hash FROM streamspace_data.viewer_ticket AS x
		WHERE x.expires_at < v_now ORDER BY x.expires_at LIMIT 5000 FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS v_tickets = ROW_COUNT;
	SELECT i.connection_retention INTO STRICT v_keep FROM streamspace_data.installation AS i;
	DELETE FROM streamspace_data.connection AS c WHERE c.connection_id IN (
		SELECT x.connection_id FROM streamspace_data.connection AS x
		WHERE x.closed_at < v_now - v_keep ORDER BY x.closed_at LIMIT 5000 FOR UPDATE SKIP LOCKED);
	GET DIAGNOSTICS v_rows = ROW_COUNT;
	RETURN jsonb_build_object('viewers_lost', v_lost, 'viewers_purged', v_rows, 'tickets_purged', v_tickets, 'streams_purged', v_streams);
END
$$;
COMMENT ON FUNCTION streamspace_rules.sweep_viewers IS
	'Closes viewers of which nothing was heard for a minute, and removes streams of earlier connections of agents, tickets that have expired and viewers that were closed longer ago than connection_retention. Returns how many of each. Part of tick()';
