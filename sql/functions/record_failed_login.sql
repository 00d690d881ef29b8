-- Bounded by the counters of login_challenge(), which answers before a password is looked at: who may try no more writes no more.
CREATE FUNCTION streamspace.record_failed_login(p_org text, p_user text, p_address text DEFAULT NULL, p_user_agent text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_org_id integer;
	v_user text;
BEGIN
	SELECT o.org_id INTO v_org_id FROM streamspace_data.org AS o WHERE o.name = coalesce(p_org, 'default');
	-- What is nobody's name is not kept: people type their password into the wrong field.
	SELECT u.name INTO v_user FROM streamspace_data.app_user AS u WHERE u.org_id = v_org_id AND u.name = p_user;
	PERFORM streamspace_rules.write_audit(v_org_id, 'login:' || session_user, 'record_failed_login',
		jsonb_build_object('address', left(p_address, 200), 'user_agent', left(p_user_agent, 200), 'known', v_user IS NOT NULL), NULL, v_user);
	RETURN '{}'::jsonb;
END
$$;
REVOKE ALL ON FUNCTION streamspace.record_failed_login FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.record_failed_login TO streamspace_api;
COMMENT ON FUNCTION streamspace.record_failed_login IS
	'Writes into the audit log of the organisation that a password was wrong: the user if there is one of that name, the address, the program. Called after login_challenge, whose counters bound how often. For streamspaced only';
