-- Waits for nobody: what another transaction holds is left for the next sweep. So it may come after any other lock.
CREATE FUNCTION streamspace_rules.place_pending(p_limit integer, p_room_only boolean DEFAULT false) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_session record;
	v_agent record;
	v_event record;
	v_open text[];
	v_blocked text[] := ARRAY[]::text[];
	v_placed integer := 0;
	v_first text[];
BEGIN
	IF NOT EXISTS (SELECT FROM streamspace_data.session AS s WHERE s.state = 'pending')
		OR NOT pg_try_advisory_xact_lock(7402, 2)
	THEN
		RETURN 0;
	END IF;
	IF p_room_only THEN
		v_first := ARRAY(SELECT s.session_id FROM streamspace_data.session AS s
			WHERE s.state = 'pending' AND s.reason = 'no_capacity' ORDER BY s.created_at, s.session_id LIMIT p_limit);
		IF v_first = '{}' THEN
			RETURN 0;
		END IF;
	END IF;
	-- Those for which there is no room anywhere are passed over: however many they are, they keep nobody else waiting.
	v_open := ARRAY(SELECT w.org_id || ' ' || w.placement::text || ' ' || coalesce(w.home_agent, '')
		FROM (SELECT DISTINCT s.org_id, s.placement, l.agent_id AS home_agent FROM streamspace_data.session AS s
			LEFT JOIN streamspace_data.home_location AS l ON l.org_id = s.org_id AND l.home_id = s.home_id
			WHERE s.state = 'pending' AND (v_first IS NULL OR s.session_id = ANY (v_first))) AS w
		WHERE EXISTS (SELECT FROM streamspace_rules.agents_for(w.org_id, w.placement, w.home_agent, 0, 0) AS a
			WHERE a.misfit IS NULL
				AND (SELECT sum(f.sessions) FROM streamspace_data.pool_slot AS f WHERE f.pool_id = a.pool_id) > 0));
	FOR v_session IN
		SELECT s.session_id, s.org_id, s.placement, s.millicores, s.memory_mib, s.reason, l.agent_id AS home_agent
		FROM streamspace_data.session AS s
		LEFT JOIN streamspace_data.home_location AS l ON l.org_id = s.org_id AND l.home_id = s.home_id
		WHERE s.state = 'pending' AND (v_first IS NULL OR s.session_id = ANY (v_first)) AND s.org_id || ' ' || s.placement::text || ' ' || coalesce(l.agent_id, '') = ANY (v_open)
		ORDER BY s.created_at, s.session_id LIMIT p_limit
		FOR NO KEY UPDATE OF s SKIP LOCKED
	LOOP
		SELECT p.* INTO v_agent FROM streamspace_rules.place_session(v_session.org_id, v_session.placement, v_session.home_agent,
			ARRAY[ARRAY[1, v_session.millicores, v_session.memory_mib, 0]], false, v_blocked) AS p;
		IF v_agent.agent_id IS NULL THEN
			IF v_agent.reason IS DISTINCT FROM v_session.reason THEN
				UPDATE streamspace_data.session AS s SET reason = v_agent.reason, updated_at = streamspace_rules.now()
				WHERE s.session_id = v_session.session_id;
			END IF;
			-- What it waits for is not given to those that came later.
			v_blocked := v_blocked || ARRAY(SELECT a.agent_id
				FROM streamspace_rules.agents_for(v_session.org_id, v_session.placement, v_session.home_agent, v_session.millicores, v_session.memory_mib) AS a
				WHERE a.misfit IS NULL AND a.agent_id <> ALL (v_blocked));
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
COMMENT ON FUNCTION streamspace_rules.place_pending IS
	'Places sessions that wait for an agent, oldest first, at most p_limit; returns how many. p_room_only: only the first p_limit of those that wait for room, as when some was given back, whatever else waits. Does nothing while another call does it, and waits for no lock';
