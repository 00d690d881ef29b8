CREATE FUNCTION streamspace.log_out(p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'log_out') AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	IF p_actor IS NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('actor_required'));
	END IF;
	UPDATE streamspace_data.credential AS c SET revoked_at = streamspace_rules.now()
	WHERE c.token_hash = p_actor AND c.revoked_at IS NULL;
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'log_out', '{}', NULL, v_me.name, NULL);
	RETURN jsonb_build_object('logged_out', true);
END
$$;
REVOKE ALL ON FUNCTION streamspace.log_out FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.log_out TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.log_out IS
	'Ends the log-in that the token opened; the token is worth nothing from then on. Errors: actor_required, unauthorized';
