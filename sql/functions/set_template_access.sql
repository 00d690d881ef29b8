CREATE FUNCTION streamspace.set_template_access(p_template text, p_groups text[], p_org text DEFAULT NULL, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('template', left(p_template, 200), 'groups', to_jsonb(p_groups[1:200]), 'org', left(p_org, 200),
		'if_revision', p_if_revision);
	v_me record;
	v_template record;
	v_missing text;
	v_before jsonb;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.set_template_access(p_template, p_groups, p_org, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'set_template_access', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	v_answer := streamspace_rules.find_request(v_me.identity, 'set_template_access', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	IF cardinality(p_groups) > 200 THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/groups', 'at most 200 are allowed'));
	END IF;
	-- Groups before templates, as everywhere.
	PERFORM FROM streamspace_data.user_group AS u WHERE u.org_id = v_me.org_id AND u.name = ANY (p_groups) ORDER BY u.group_id FOR KEY SHARE;
	SELECT f.* INTO v_template FROM streamspace_rules.lock_template(v_me.org_id, p_template) AS f;
	SELECT n.name INTO v_missing FROM unnest(p_groups) AS n (name)
	WHERE NOT EXISTS (SELECT FROM streamspace_data.user_group AS u WHERE u.org_id = v_me.org_id AND u.name = n.name) ORDER BY n.name LIMIT 1;
	PERFORM streamspace_rules.raise_refusal(coalesce(v_template.refusal,
		streamspace_rules.check_revision(p_if_revision, v_template.access_revision),
		CASE WHEN array_position(p_groups, NULL) IS NOT NULL THEN streamspace_rules.invalid('/groups', 'NULL is no name of a group') END,
		CASE WHEN v_missing IS NOT NULL THEN streamspace_rules.refusal('group_not_found', jsonb_build_object('group', left(v_missing, 100))) END));

	v_before := streamspace_rules.access_json(v_me.reach, v_me.org_id, p_template);
	DELETE FROM streamspace_data.template_group AS g WHERE g.org_id = v_me.org_id AND g.template_id = v_template.template_id;
	INSERT INTO streamspace_data.template_group (org_id, template_id, group_id)
	SELECT u.org_id, v_template.template_id, u.group_id FROM streamspace_data.user_group AS u
	WHERE u.org_id = v_me.org_id AND u.name = ANY (p_groups) ORDER BY u.group_id;
	UPDATE streamspace_data.template AS t SET restricted = p_groups IS NOT NULL
	WHERE t.org_id = v_me.org_id AND t.template_id = v_template.template_id;
	IF streamspace_rules.access_json(v_me.reach, v_me.org_id, p_template) <> v_before THEN
		UPDATE streamspace_data.template AS t SET access_revision = t.access_revision + 1
		WHERE t.org_id = v_me.org_id AND t.template_id = v_template.template_id;
	END IF;

	v_answer := streamspace_rules.access_json(v_me.reach, v_me.org_id, p_template);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'set_template_access', v_arguments, p_request_id, p_template, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.set_template_access FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.set_template_access TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.set_template_access IS
	'Keeps a template for the members of these groups; NULL: for every user of the organisation, an empty array: for none. It is then hidden from other users; administrators, operators and auditors see it; sessions that there are go on. p_groups: at most 200 names. Returns what get_template_access does. p_if_revision: the revision of that. Errors: actor_required, unauthorized, forbidden, org_not_found, template_not_found, group_not_found, invalid_argument, revision_mismatch, request_in_flight, request_mismatch';
