CREATE FUNCTION streamspace_rules.expire_homes(p_limit integer) RETURNS text[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_now timestamptz := streamspace_rules.now();
	v_row record;
	v_homes text[] := ARRAY[]::text[];
BEGIN
	FOR v_row IN
		SELECT h.org_id, h.home_id FROM streamspace_data.home AS h
		WHERE h.delete_at <= v_now AND h.state = 'kept' AND h.session_id IS NULL
			AND NOT EXISTS (SELECT FROM streamspace_data.home_location AS l JOIN streamspace_data.agent AS a ON a.agent_id = l.agent_id
				WHERE l.org_id = h.org_id AND l.home_id = h.home_id AND a.protocol_version < 3)
		ORDER BY h.delete_at LIMIT p_limit FOR NO KEY UPDATE OF h SKIP LOCKED
	LOOP
		CONTINUE WHEN streamspace_rules.remove_home(v_row.org_id, v_row.home_id) IS NOT NULL;
		PERFORM streamspace_rules.finish_call('system', v_row.org_id, 'delete_home', jsonb_build_object('home', v_row.home_id, 'rule', 'retention'),
			NULL, v_row.home_id, NULL);
		v_homes := v_homes || v_row.home_id;
	END LOOP;
	RETURN v_homes;
END
$$;
COMMENT ON FUNCTION streamspace_rules.expire_homes IS
	'Gives up homes whose retention is over, at most p_limit, each with a row in the audit log; returns them, and the caller passes them to release(). Part of tick(), before usage is locked';
