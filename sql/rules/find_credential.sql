CREATE FUNCTION streamspace_rules.find_credential(p_kind text, p_id text, p_reach text, p_org_id integer, p_user_id integer,
	OUT token_hash bytea, OUT org_id integer, OUT user_id integer, OUT role text, OUT revision bigint, OUT refusal jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	SELECT c.token_hash, c.org_id, c.user_id, u.role, c.revision INTO token_hash, org_id, user_id, role, revision
	FROM streamspace_data.credential AS c
	JOIN streamspace_data.app_user AS u ON u.org_id = c.org_id AND u.user_id = c.user_id
	WHERE c.credential_id = p_id AND c.kind = p_kind AND c.revoked_at IS NULL
		AND CASE p_reach WHEN 'all' THEN true WHEN 'org' THEN c.org_id = p_org_id ELSE c.org_id = p_org_id AND c.user_id = p_user_id END
	FOR NO KEY UPDATE OF c;
	IF NOT FOUND THEN
		refusal := streamspace_rules.refusal(CASE p_kind WHEN 'login' THEN 'login_not_found' ELSE 'api_key_not_found' END,
			jsonb_build_object('id', left(p_id, 100)));
	END IF;
END
$$;
COMMENT ON FUNCTION streamspace_rules.find_credential IS
	'The log-in or API key of an id, locked, as far as the actor reaches; refusal login_not_found or api_key_not_found. A foreign one looks like none';
