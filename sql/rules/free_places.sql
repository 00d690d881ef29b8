CREATE FUNCTION streamspace_rules.free_places(p_agents text[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_row record;
	v_waiting boolean := EXISTS (SELECT FROM streamspace_data.session AS s WHERE s.state = 'pending');
BEGIN
	IF v_waiting THEN
		-- Placing comes next and may want any agent: all locks are taken now, in the one order.
		PERFORM FROM streamspace_data.agent_load AS l ORDER BY l.agent_id FOR NO KEY UPDATE;
	END IF;
	FOR v_row IN
		SELECT a.agent_id, count(*)::integer AS n FROM unnest(p_agents) AS a (agent_id) GROUP BY a.agent_id ORDER BY a.agent_id
	LOOP
		UPDATE streamspace_data.agent_load AS l SET sessions = l.sessions - v_row.n WHERE l.agent_id = v_row.agent_id;
	END LOOP;
	IF v_waiting THEN
		PERFORM streamspace_rules.place_pending(100);
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.free_places IS
	'Gives places back to agents, in the order of their ids, and places sessions that wait for one; an agent is named once for every place';
