CREATE FUNCTION streamspace_rules.quota_json(p_pool_id integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT jsonb_build_object('scope', p.kind, 'name', coalesce(u.name, g.name), 'org', o.name,
			'limits', streamspace_rules.pool_limits(p.pool_id),
			'own', (SELECT coalesce(jsonb_agg(k.key ORDER BY k.key), '[]') FROM jsonb_object_keys(p.own) AS k (key)),
			'used', streamspace_rules.pool_use(p.pool_id), 'updated_at', p.updated_at, 'revision', p.revision)
		FROM streamspace_data.pool AS p
		JOIN streamspace_data.org AS o ON o.org_id = p.org_id
		-- By their own ids alone: with the organisation, the planner may walk through all of its users.
		LEFT JOIN streamspace_data.app_user AS u ON u.user_id = p.user_id
		LEFT JOIN streamspace_data.user_group AS g ON g.group_id = p.group_id
		WHERE p.pool_id = p_pool_id);
END
$$;
COMMENT ON FUNCTION streamspace_rules.quota_json IS 'A quota as callers see it, with what is used';
