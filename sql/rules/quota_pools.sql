CREATE FUNCTION streamspace_rules.quota_pools(p_org_id integer, p_user_id integer,
	OUT pools integer[], OUT session_millicores bigint, OUT session_memory_mib bigint, OUT session_storage_mib bigint)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
	SELECT array_agg(p.pool_id ORDER BY p.step, p.pool_id), min(p.session_millicores), min(p.session_memory_mib), min(p.session_storage_mib)
	INTO pools, session_millicores, session_memory_mib, session_storage_mib
	FROM (SELECT u.* FROM streamspace_data.pool AS u WHERE u.org_id = p_org_id AND u.user_id = p_user_id
		UNION ALL
		SELECT g.* FROM streamspace_data.group_member AS m
			JOIN streamspace_data.pool AS g ON g.org_id = m.org_id AND g.group_id = m.group_id
			WHERE m.org_id = p_org_id AND m.user_id = p_user_id
		UNION ALL
		SELECT o.* FROM streamspace_data.pool AS o WHERE o.org_id = p_org_id AND o.kind = 'org') AS p;
END
$$;
COMMENT ON FUNCTION streamspace_rules.quota_pools IS
	'Pools that a user''s sessions and homes are counted in, now: his own, those of his groups, the one of his organisation; and the least of their maxima for one session, NULL for none';
