CREATE FUNCTION streamspace.publish_template(p_template text, p_orgs text[], p_org text DEFAULT NULL, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('template', left(p_template, 200), 'orgs', to_jsonb(p_orgs[1:1000]), 'org', left(p_org, 200),
		'if_revision', p_if_revision);
	v_me record;
	v_template record;
	v_before jsonb;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.publish_template(p_template, p_orgs, p_org, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'publish_template', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	v_answer := streamspace_rules.find_request(v_me.identity, 'publish_template', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	IF p_orgs IS NULL OR cardinality(p_orgs) > 1000 OR array_position(p_orgs, NULL) IS NOT NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/orgs', 'at most 1,000 names of organisations are required'));
	END IF;
	SELECT f.* INTO v_template FROM streamspace_rules.lock_template(v_me.org_id, p_template) AS f;
	PERFORM streamspace_rules.raise_refusal(coalesce(v_template.refusal,
		streamspace_rules.check_revision(p_if_revision, v_template.access_revision),
		CASE WHEN v_template.managed THEN streamspace_rules.refusal('template_managed', jsonb_build_object('template', p_template)) END));
	v_before := streamspace_rules.access_json(v_me.reach, v_me.org_id, p_template);
	PERFORM streamspace_rules.raise_refusal(
		streamspace_rules.set_template_copies(v_me.org_id, v_template.template_id, p_orgs, v_me.identity));
	IF streamspace_rules.access_json(v_me.reach, v_me.org_id, p_template) <> v_before THEN
		UPDATE streamspace_data.template AS t SET access_revision = t.access_revision + 1
		WHERE t.org_id = v_me.org_id AND t.template_id = v_template.template_id;
	END IF;
	v_answer := streamspace_rules.access_json(v_me.reach, v_me.org_id, p_template);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'publish_template', v_arguments, p_request_id, p_template, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.publish_template FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.publish_template TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.publish_template IS
	'Gives exactly these organisations a copy of a template, which follows it: put_template and delete_template on the source change the copies too. A copy keeps its name, has revisions and groups of its own, and cannot be changed there (template_managed). An organisation that is left out loses its copy. p_orgs: at most 1,000 names, not that of the template itself. For platform administrators. Returns what get_template_access does; p_if_revision: the revision of that. Errors: actor_required, unauthorized, forbidden, org_not_found, template_not_found, template_managed, already_exists (an organisation has a template of that name), invalid_argument, revision_mismatch, request_in_flight, request_mismatch';
