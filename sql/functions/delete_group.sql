CREATE FUNCTION streamspace.delete_group(p_group text, p_org text DEFAULT NULL, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('group', left(p_group, 200), 'org', left(p_org, 200), 'if_revision', p_if_revision);
	v_me record;
	v_group record;
	v_table text;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.delete_group(p_group, p_org, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'delete_group', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	v_answer := streamspace_rules.find_request(v_me.identity, 'delete_group', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_name('/group', p_group));
	SELECT f.* INTO v_group FROM streamspace_rules.find_group(v_me.org_id, p_group, true) AS f;
	PERFORM streamspace_rules.raise_refusal(coalesce(v_group.refusal,
		streamspace_rules.check_revision(p_if_revision, v_group.revision)));
	v_answer := streamspace_rules.group_json(v_group.group_id);
	BEGIN
		DELETE FROM streamspace_data.user_group AS g WHERE g.org_id = v_me.org_id AND g.group_id = v_group.group_id;
	EXCEPTION WHEN foreign_key_violation THEN
		GET STACKED DIAGNOSTICS v_table = TABLE_NAME;
	END;
	IF v_table IS NOT NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('group_in_use',
			jsonb_build_object('group', p_group, 'by', v_table)));
	END IF;
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'delete_group', v_arguments, p_request_id, p_group, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.delete_group FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.delete_group TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.delete_group IS
	'Removes the group p_group with its memberships, and answers what it was; users stay. Refused with group_in_use while a rule names it (the detail says which kind): removing it would silently change who may do what. For administrators. p_if_revision: only if this is its revision. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, group_not_found, group_in_use, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
