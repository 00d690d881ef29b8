CREATE FUNCTION streamspace_rules.credential_json(p_token_hash bytea, p_actor bytea) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_json jsonb;
BEGIN
	SELECT jsonb_build_object('id', c.credential_id, 'user', u.name, 'org', o.name, 'created_at', c.created_at,
			'last_used_at', x.last_used_at, 'expires_at', c.expires_at, 'revision', c.revision)
		|| CASE c.kind WHEN 'login' THEN jsonb_build_object('address', c.address, 'user_agent', c.user_agent,
				'idle_expires_at', least(c.expires_at, greatest(x.last_used_at, c.created_at) + i.login_idle),
				'current', c.token_hash IS NOT DISTINCT FROM p_actor)
			ELSE jsonb_build_object('name', c.name, 'scopes', to_jsonb(c.scopes), 'prefix', c.prefix) END
	INTO v_json
	FROM streamspace_data.credential AS c
	JOIN streamspace_data.app_user AS u ON u.org_id = c.org_id AND u.user_id = c.user_id
	JOIN streamspace_data.org AS o ON o.org_id = c.org_id
	CROSS JOIN streamspace_data.installation AS i
	LEFT JOIN streamspace_data.credential_use AS x ON x.org_id = c.org_id AND x.token_hash = c.token_hash
	WHERE c.token_hash = p_token_hash;
	RETURN v_json;
END
$$;
COMMENT ON FUNCTION streamspace_rules.credential_json IS
	'A log-in or API key as callers see it, without what opens anything; current: the call itself came with it';
