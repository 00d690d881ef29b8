CREATE FUNCTION streamspace_rules.explain_shortage(p_short jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_refusal jsonb;
BEGIN
	IF p_short IS NULL THEN
		RETURN NULL;
	END IF;
	SELECT streamspace_rules.refusal('quota_exceeded', jsonb_build_object('scope', p.kind, 'name', coalesce(u.name, g.name, o.name),
		'resource', p_short -> 'resource', 'limit', l.l, 'used', l.l - (p_short ->> 'free')::bigint))
	INTO v_refusal
	FROM streamspace_data.pool AS p
	JOIN streamspace_data.org AS o ON o.org_id = p.org_id
	LEFT JOIN streamspace_data.app_user AS u ON u.org_id = p.org_id AND u.user_id = p.user_id
	LEFT JOIN streamspace_data.user_group AS g ON g.org_id = p.org_id AND g.group_id = p.group_id
	CROSS JOIN LATERAL (SELECT (streamspace_rules.pool_limits(p.pool_id) ->> (p_short ->> 'resource'))::bigint) AS l (l)
	WHERE p.pool_id = (p_short ->> 'pool')::integer;
	RETURN v_refusal;
END
$$;
COMMENT ON FUNCTION streamspace_rules.explain_shortage IS 'The refusal quota_exceeded for what take_pools() found too little: {scope (user, group, org), name, resource, limit, used}';
