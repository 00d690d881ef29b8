CREATE FUNCTION streamspace.get_me(p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
	v_credential jsonb;
BEGIN
	IF p_actor IS NULL THEN
		IF NOT streamspace_rules.is_dba() THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('actor_required'));
		END IF;
		RETURN jsonb_build_object('name', session_user, 'org', NULL, 'role', 'platform_admin', 'display_name', '',
			'active', true, 'password_set', false, 'created_at', NULL, 'updated_at', NULL, 'revision', 0,
			'limits', jsonb_build_object('max_sessions', 0), 'usage', jsonb_build_object('sessions', 0),
			'credential', NULL);
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'get_me') AS e;
	PERFORM streamspace_rules.set_org(v_me.user_org_id);
	SELECT jsonb_build_object('kind', c.kind, 'id', c.credential_id, 'scopes', to_jsonb(c.scopes), 'expires_at', c.expires_at) INTO v_credential
	FROM streamspace_data.credential AS c WHERE c.token_hash = p_actor;
	RETURN streamspace_rules.user_json(v_me.user_id) || jsonb_build_object('credential', v_credential);
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_me FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_me TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_me IS
	'The actor: name, org, role, limits and use, and what he came with (credential: kind login or api_key, id, scopes, expires_at). A DBA has no account: org and credential are null and the limit 0. Errors: actor_required, unauthorized';
