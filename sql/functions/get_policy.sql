CREATE FUNCTION streamspace.get_policy(p_scope text, p_name text DEFAULT NULL, p_org text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
	v_object record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'get_policy', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	SELECT f.* INTO v_object FROM streamspace_rules.find_policy_object(v_me.org_id, p_scope, p_name) AS f;
	PERFORM streamspace_rules.raise_refusal(v_object.refusal);
	RETURN streamspace_rules.policy_json(v_me.org_id, p_scope, v_object.id, NULL);
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_policy FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_policy TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_policy IS
	'The policy of an organisation (p_scope org, p_name NULL), group, user or template; revision 0: nothing is set. For administrators, operators and auditors. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, group_not_found, user_not_found, template_not_found, invalid_argument';
