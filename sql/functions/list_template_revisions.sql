CREATE FUNCTION streamspace.list_template_revisions(p_template text, p_org text DEFAULT NULL, p_limit integer DEFAULT 50,
	p_cursor text DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_limit integer := coalesce(p_limit, 50);
	v_me record;
	v_key integer;
	v_template_id integer;
	v_rows jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'list_template_revisions', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_limit(v_limit));
	v_key := coalesce(streamspace_rules.decode_cursor(p_cursor, '^[1-9][0-9]{0,8}$')::integer, 2147483647);
	SELECT t.template_id INTO v_template_id FROM streamspace_data.template AS t WHERE t.org_id = v_me.org_id AND t.name = p_template;
	IF streamspace_rules.check_template_access(v_me.org_id, CASE WHEN v_me.reach = 'own' THEN v_me.user_id END, v_template_id) IS NOT NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('template_not_found',
			jsonb_build_object('template', left(p_template, 100))));
	END IF;
	SELECT coalesce(jsonb_agg(jsonb_build_object('revision', x.revision, 'platforms', to_jsonb(x.platforms), 'created_at', x.created_at,
		'created_by', CASE WHEN v_me.reach <> 'own' THEN x.created_by END) ORDER BY x.revision DESC), '[]') INTO v_rows
	FROM (SELECT r.revision, r.platforms, r.created_at, r.created_by FROM streamspace_data.template_revision AS r
		WHERE r.org_id = v_me.org_id AND r.template_id = v_template_id AND r.revision < v_key
		ORDER BY r.revision DESC LIMIT v_limit + 1) AS x;
	RETURN jsonb_build_object('items', CASE WHEN jsonb_array_length(v_rows) > v_limit THEN v_rows - v_limit ELSE v_rows END,
		'next_cursor', CASE WHEN jsonb_array_length(v_rows) > v_limit
			THEN streamspace_rules.encode_cursor(v_rows -> (v_limit - 1) ->> 'revision') END);
END
$$;
REVOKE ALL ON FUNCTION streamspace.list_template_revisions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.list_template_revisions TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.list_template_revisions IS
	'A page of the revisions of a template, the newest first: {items: [{revision, platforms, created_at, created_by}], next_cursor}; get_template with p_revision has the content. created_by is told to those who see the whole organisation. p_limit 1 to 200, default 50. Errors: actor_required, unauthorized, forbidden, org_not_found, template_not_found, invalid_argument';
