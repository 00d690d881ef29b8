CREATE FUNCTION streamspace.get_group(p_group text, p_org text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_group_id integer;
	v_me record;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'get_group', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_name('/group', p_group));
	SELECT g.group_id INTO v_group_id FROM streamspace_data.user_group AS g WHERE g.org_id = v_me.org_id AND g.name = p_group
		AND (v_me.reach <> 'own' OR EXISTS (SELECT FROM streamspace_data.group_member AS m
			WHERE m.org_id = g.org_id AND m.group_id = g.group_id AND m.user_id = v_me.user_id));
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('group_not_found', jsonb_build_object('group', p_group)));
	END IF;
	RETURN streamspace_rules.group_json(v_group_id);
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_group FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_group TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_group IS
	'The group p_group: name, number of members. Users see the groups that they are in, the others those of their organisation. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, group_not_found, invalid_argument';
