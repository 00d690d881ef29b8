CREATE FUNCTION streamspace_rules.queue_position(p_session text) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT 1 + count(*) FROM streamspace_data.session AS s
		JOIN streamspace_data.session AS o ON o.state = 'pending' AND (o.created_at, o.session_id) < (s.created_at, s.session_id)
			AND o.placement -> 'platforms' ?| ARRAY(SELECT jsonb_array_elements_text(s.placement -> 'platforms'))
		WHERE s.session_id = p_session);
END
$$;
COMMENT ON FUNCTION streamspace_rules.queue_position IS 'Place of a waiting session among those that wait for an agent of one of its platforms, of all organisations; 1 is next';
