CREATE FUNCTION streamspace_rules.place_session(p_platforms text[], OUT agent_id text, OUT platform text, OUT reason text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_row record;
BEGIN
	reason := 'no_agent_available';
	FOR v_row IN
		SELECT a.agent_id, a.platform, a.max_sessions, l.sessions
		FROM streamspace_data.agent AS a
		JOIN streamspace_data.agent_load AS l ON l.agent_id = a.agent_id
		LEFT JOIN streamspace_data.agent_heartbeat AS h ON h.agent_id = a.agent_id AND h.epoch = a.last_epoch
		WHERE a.approval = 'approved' AND a.state = 'online' AND a.platform = ANY (p_platforms)
			AND h.status IS DISTINCT FROM 'draining'
		ORDER BY a.max_sessions - l.sessions DESC, a.agent_id
	LOOP
		IF v_row.sessions >= v_row.max_sessions THEN
			reason := 'no_capacity';
			EXIT;
		END IF;
		-- A row that is locked and then found full would stay locked; the block lets it go.
		BEGIN
			UPDATE streamspace_data.agent_load AS l SET sessions = l.sessions + 1
			WHERE l.agent_id = v_row.agent_id AND l.sessions < v_row.max_sessions;
			IF NOT FOUND THEN
				RAISE EXCEPTION USING ERRCODE = 'SSNXT', MESSAGE = 'full';
			END IF;
			agent_id := v_row.agent_id;
			platform := v_row.platform;
			reason := NULL;
			RETURN;
		EXCEPTION WHEN SQLSTATE 'SSNXT' THEN
			reason := 'no_capacity';
		END;
	END LOOP;
END
$$;
COMMENT ON FUNCTION streamspace_rules.place_session IS
	'Takes a place on the online, approved agent of one of the platforms with the most free places, under the lock of its load row; else agent_id is NULL and reason no_agent_available or no_capacity';
