CREATE FUNCTION streamspace_rules.user_quota(p_org_id integer, p_user_id integer, OUT max_sessions bigint, OUT sessions bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	SELECT p.sessions, (SELECT coalesce(p.sessions, streamspace_rules.no_limit()) - sum(s.sessions)
			FROM streamspace_data.pool_slot AS s WHERE s.pool_id = p.pool_id)
	INTO max_sessions, sessions
	FROM streamspace_data.pool AS p WHERE p.org_id = p_org_id AND p.user_id = p_user_id;
END
$$;
COMMENT ON FUNCTION streamspace_rules.user_quota IS 'How many sessions a user may have at a time, null without a limit, and how many he has';
