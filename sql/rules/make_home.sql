CREATE FUNCTION streamspace_rules.make_home(p_org_id integer, p_user_id integer, p_name text, p_template_id integer, p_size_mib bigint,
	p_retention_seconds bigint, p_session text, p_pools integer[]) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
	v_id text := streamspace_rules.new_id('h-');
	v_now timestamptz := streamspace_rules.now();
BEGIN
	INSERT INTO streamspace_data.home (org_id, home_id, user_id, template_id, name, size_mib, retention_seconds, session_id,
		pools, created_at, updated_at, delete_at)
	SELECT p_org_id, v_id, p_user_id, p_template_id, p_name, coalesce(p_size_mib, i.home_size_mib), r.seconds, p_session, p_pools, v_now, v_now,
		CASE WHEN p_session IS NULL THEN v_now + r.seconds * interval '1 second' END
	FROM streamspace_data.installation AS i
	CROSS JOIN LATERAL (SELECT CASE WHEN p_retention_seconds IS NULL THEN i.home_retention_seconds
		WHEN p_retention_seconds >= 0 THEN p_retention_seconds END) AS r (seconds)
	ON CONFLICT (org_id, user_id, name) WHERE state = 'kept' DO NOTHING;
	RETURN CASE WHEN FOUND THEN v_id END;
END
$$;
COMMENT ON FUNCTION streamspace_rules.make_home IS
	'A new home, attached to a session that is about to be made when one is named. Size and retention NULL: those of the installation; retention -1: none. p_pools: those of its owner, from which the caller takes its size. NULL when the owner has a home of that name: waits for one that another call is making';
