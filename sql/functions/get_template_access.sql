CREATE FUNCTION streamspace.get_template_access(p_template text, p_org text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
	v_answer jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'get_template_access', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	v_answer := streamspace_rules.access_json(v_me.reach, v_me.org_id, p_template);
	IF v_answer IS NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('template_not_found',
			jsonb_build_object('template', left(p_template, 100))));
	END IF;
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_template_access FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_template_access TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_template_access IS
	'Who sees a template: {template, org, groups, published_to, managed, revision}. groups NULL: every user of the organisation; published_to: organisations with a copy, told to platform administrators only; managed: it is such a copy itself. Errors: actor_required, unauthorized, forbidden, org_not_found, template_not_found';
