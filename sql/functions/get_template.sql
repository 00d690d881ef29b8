CREATE FUNCTION streamspace.get_template(p_name text, p_revision integer DEFAULT NULL, p_org text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
	v_template_id integer;
	v_answer jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'get_template', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	SELECT t.template_id INTO v_template_id FROM streamspace_data.template AS t WHERE t.org_id = v_me.org_id AND t.name = p_name;
	IF streamspace_rules.check_template_access(v_me.org_id, CASE WHEN v_me.reach = 'own' THEN v_me.user_id END, v_template_id) IS NULL THEN
		v_answer := streamspace_rules.template_json(v_me.org_id, p_name, p_revision);
	END IF;
	IF v_answer IS NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('template_not_found',
			jsonb_build_object('template', left(p_name, 100), 'revision', p_revision)));
	END IF;
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.get_template FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.get_template TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.get_template IS
	'The template p_name at its current revision, or at p_revision; users see those that are kept for nobody or for a group of theirs. Errors: actor_required, unauthorized, forbidden, org_not_found, template_not_found';
