CREATE FUNCTION streamspace.initialize(p_org text, p_admin text, p_password_hash text, p_bootstrap_key_hash bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_org text := coalesce(p_org, 'default');
	v_org_id integer;
	v_user_id integer;
	v_answer jsonb;
BEGIN
	PERFORM pg_advisory_xact_lock(7402, 1);
	IF EXISTS (SELECT FROM streamspace_data.app_user) THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('already_initialized'));
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		streamspace_rules.check_name('/org', v_org),
		streamspace_rules.check_name('/admin', p_admin),
		streamspace_rules.check_password_hash(p_password_hash),
		CASE WHEN p_bootstrap_key_hash IS NOT NULL THEN streamspace_rules.check_hash('/bootstrap_key_hash', p_bootstrap_key_hash) END));
	v_org_id := streamspace_rules.new_org(v_org, '');
	IF v_org_id IS NULL THEN
		SELECT o.org_id INTO v_org_id FROM streamspace_data.org AS o WHERE o.name = v_org;
	END IF;
	v_user_id := streamspace_rules.new_user(v_org_id, p_admin, 'platform_admin', '', NULL, p_password_hash);
	IF p_bootstrap_key_hash IS NOT NULL THEN
		PERFORM streamspace_rules.replace_bootstrap_key(p_bootstrap_key_hash);
	END IF;
	v_answer := jsonb_build_object('org', v_org, 'user', streamspace_rules.user_json(v_user_id));
	PERFORM streamspace_rules.finish_call('login:' || session_user, v_org_id, 'initialize',
		jsonb_build_object('org', v_org, 'admin', p_admin, 'bootstrap_key', p_bootstrap_key_hash IS NOT NULL), NULL, p_admin, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.initialize FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.initialize TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.initialize IS
	'Makes the first organisation (p_org, default default), its first platform administrator (p_admin) and the bootstrap key of agents. p_password_hash: argon2id, encoded. p_bootstrap_key_hash: SHA-256. Works once: refuses when any user exists. Errors: already_initialized, invalid_argument';
