CREATE FUNCTION streamspace.delete_template(p_template text, p_org text DEFAULT NULL, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('template', left(p_template, 200), 'org', left(p_org, 200), 'if_revision', p_if_revision);
	v_me record;
	v_template record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.delete_template(p_template, p_org, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'delete_template', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	v_answer := streamspace_rules.find_request(v_me.identity, 'delete_template', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	SELECT f.* INTO v_template FROM streamspace_rules.lock_template(v_me.org_id, p_template) AS f;
	PERFORM streamspace_rules.raise_refusal(coalesce(v_template.refusal,
		streamspace_rules.check_revision(p_if_revision, v_template.revision),
		CASE WHEN v_template.managed THEN streamspace_rules.refusal('template_managed', jsonb_build_object('template', p_template)) END));
	v_answer := streamspace_rules.template_json(v_me.org_id, p_template) || jsonb_build_object('deleted', true);
	PERFORM streamspace_rules.hide_template(v_me.org_id, v_template.template_id);
	PERFORM streamspace_rules.copy_template(v_me.org_id, v_template.template_id, v_me.identity);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'delete_template', v_arguments, p_request_id, p_template, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.delete_template FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.delete_template TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.delete_template IS
	'Hides a template, its copies in other organisations included: no session can be made from it, those that there are keep their revision. put_template under the same name brings it back with a new revision, for everybody. Returns it as it was, with deleted true. Errors: actor_required, unauthorized, forbidden, org_not_found, template_not_found, template_managed (a copy), revision_mismatch, request_in_flight, request_mismatch';
