CREATE FUNCTION streamspace.get_org(p_name text, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'get_org', p_name) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_name('/name', p_name));
	RETURN streamspace_rules.org_json(v_me.org_id);
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_org FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_org TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_org IS
	'The organisation p_name: limits and use. Platform administrators see every one, the others their own. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, invalid_argument';
