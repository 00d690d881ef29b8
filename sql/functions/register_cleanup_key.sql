CREATE FUNCTION streamspace.register_cleanup_key(p_agent text, p_key_hash bytea) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_key record;
	v_answer jsonb;
BEGIN
	SELECT w.* INTO v_key FROM streamspace_rules.write_cleanup_key(p_agent, p_key_hash, NULL) AS w;
	v_answer := jsonb_build_object('agent', p_agent, 'changed', v_key.changed, 'revision', v_key.revision);
	IF v_key.changed THEN
		PERFORM streamspace_rules.finish_call('login:' || session_user, NULL, 'register_cleanup_key',
			jsonb_build_object('agent', p_agent), NULL, p_agent, v_answer);
	END IF;
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.register_cleanup_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.register_cleanup_key TO streamspace_api;
COMMENT ON FUNCTION streamspace.register_cleanup_key IS
	'The same as set_cleanup_key, for `streamspaced init` where the key stands in a Secret of the installation: {agent, changed, revision}; repeating it changes nothing. It gives nobody anything that the server''s log-in could not read anyway. Errors: invalid_argument. For streamspaced only';
