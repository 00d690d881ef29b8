CREATE FUNCTION streamspace_rules.agent_token_json(p_token text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (SELECT jsonb_build_object('id', t.token_id, 'agent', t.agent_id, 'created_by', t.created_by, 'created_at', t.created_at,
			'expires_at', t.expires_at, 'used_at', t.used_at, 'revoked_at', t.revoked_at, 'revision', t.revision,
			'state', CASE WHEN t.used_at IS NOT NULL THEN 'used' WHEN t.revoked_at IS NOT NULL THEN 'revoked'
				WHEN t.expires_at <= streamspace_rules.now() THEN 'expired' ELSE 'open' END)
		FROM streamspace_data.agent_token AS t WHERE t.token_id = p_token);
END
$$;
COMMENT ON FUNCTION streamspace_rules.agent_token_json IS 'A token of enrolment as callers see it, without what opens anything';
