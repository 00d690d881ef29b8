CREATE FUNCTION streamspace_rules.release(p_ended text[], p_agents text[]) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_row record;
BEGIN
	IF cardinality(p_ended) > 0 THEN
		FOR v_row IN
			SELECT s.org_id, s.user_id, count(*)::integer AS n FROM streamspace_data.session AS s
			WHERE s.session_id = ANY (p_ended) GROUP BY s.org_id, s.user_id ORDER BY s.org_id, s.user_id
		LOOP
			UPDATE streamspace_data.usage_user AS u SET sessions = u.sessions - v_row.n
			WHERE u.org_id = v_row.org_id AND u.user_id = v_row.user_id;
		END LOOP;
		FOR v_row IN
			SELECT s.org_id, count(*)::integer AS n FROM streamspace_data.session AS s
			WHERE s.session_id = ANY (p_ended) GROUP BY s.org_id ORDER BY s.org_id
		LOOP
			UPDATE streamspace_data.usage_org AS o SET sessions = o.sessions - v_row.n WHERE o.org_id = v_row.org_id;
		END LOOP;
	END IF;
	IF cardinality(p_agents) > 0 THEN
		PERFORM streamspace_rules.free_places(p_agents);
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.release IS
	'Gives back what ended sessions used, in the one lock order: users, organisations, agents. p_agents names an agent once for every place';
