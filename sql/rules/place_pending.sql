-- Locks: the sessions by SKIP LOCKED, then the load rows in the order of agent_id. One caller at a time.
CREATE FUNCTION streamspace_rules.place_pending(p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_session record;
	v_agent record;
	v_event record;
	v_open text[];
	v_placed integer := 0;
BEGIN
	IF NOT EXISTS (SELECT FROM streamspace_data.session AS s WHERE s.state = 'pending')
		OR NOT pg_try_advisory_xact_lock(7402, 2)
	THEN
		RETURN 0;
	END IF;
	-- Those whose platform has no place are passed over: however many they are, they keep nobody else waiting.
	v_open := ARRAY(SELECT DISTINCT a.platform FROM streamspace_data.agent AS a
		JOIN streamspace_data.agent_load AS l ON l.agent_id = a.agent_id
		LEFT JOIN streamspace_data.agent_heartbeat AS h ON h.agent_id = a.agent_id AND h.epoch = a.last_epoch
		WHERE a.approval = 'approved' AND a.state = 'online' AND l.sessions < a.max_sessions AND h.status IS DISTINCT FROM 'draining');
	FOR v_session IN
		SELECT s.session_id, s.org_id, s.reason, r.platforms
		FROM streamspace_data.session AS s
		JOIN streamspace_data.template_revision AS r
			ON r.org_id = s.org_id AND r.template_id = s.template_id AND r.revision = s.template_revision
		WHERE s.state = 'pending' AND r.platforms && v_open ORDER BY s.created_at, s.session_id LIMIT p_limit
		FOR NO KEY UPDATE OF s SKIP LOCKED
	LOOP
		IF v_placed = 0 THEN
			PERFORM FROM streamspace_data.agent_load AS l
			ORDER BY l.agent_id FOR NO KEY UPDATE;
		END IF;
		SELECT p.* INTO v_agent FROM streamspace_rules.place_session(v_session.platforms) AS p;
		IF v_agent.agent_id IS NULL THEN
			IF v_agent.reason IS DISTINCT FROM v_session.reason THEN
				UPDATE streamspace_data.session AS s SET reason = v_agent.reason, updated_at = streamspace_rules.now()
				WHERE s.session_id = v_session.session_id;
			END IF;
			CONTINUE;
		END IF;
		UPDATE streamspace_data.session AS s SET agent_id = v_agent.agent_id, platform = v_agent.platform, holds_place = true
		WHERE s.session_id = v_session.session_id;
		SELECT e.* INTO v_event FROM streamspace_rules.apply_event(v_session.session_id, 'place', 'system',
			p_details => jsonb_build_object('agent', v_agent.agent_id)) AS e;
		PERFORM streamspace_rules.raise_refusal(v_event.refusal);
		v_placed := v_placed + 1;
	END LOOP;
	RETURN v_placed;
END
$$;
COMMENT ON FUNCTION streamspace_rules.place_pending IS 'Places sessions that wait for an agent, oldest first, at most p_limit; returns how many. Does nothing while another call does it';
