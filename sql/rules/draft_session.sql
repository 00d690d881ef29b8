-- Everything about a new session that is not counted. Writes nothing.
CREATE FUNCTION streamspace_rules.draft_session(p_org_id integer, p_user_id integer, p_user_org_id integer, p_name text, p_reach text, p_item jsonb,
	OUT drafts streamspace_data.session[], OUT refusal jsonb)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
	v_owner text := p_item ->> 'owner';
	v_template record;
	v_parameters record;
	v_resources record;
	v_draft streamspace_data.session;
BEGIN
	-- A batch comes as it was sent.
	refusal := coalesce(
		CASE WHEN p_item ->> 'template' IS NULL THEN streamspace_rules.invalid('/template', 'is required') END,
		streamspace_rules.check_text('/template', p_item -> 'template', 200),
		streamspace_rules.check_text('/owner', p_item -> 'owner', 200),
		streamspace_rules.check_text('/name', p_item -> 'name', 200),
		streamspace_rules.check_text('/home', p_item -> 'home', 200),
		streamspace_rules.check_texts('/tags', p_item -> 'tags', 32, 200),
		streamspace_rules.check_integer('/idle_seconds', p_item -> 'idle_seconds', 0, 31536000),
		streamspace_rules.check_integer('/max_seconds', p_item -> 'max_seconds', 0, 31536000));
	IF refusal IS NOT NULL THEN
		RETURN;
	END IF;
	v_draft.org_id := p_org_id;
	IF v_owner IS NULL THEN
		IF p_user_id IS NULL OR p_user_org_id <> p_org_id THEN
			refusal := streamspace_rules.refusal('owner_required');
			RETURN;
		END IF;
		v_draft.user_id := p_user_id;
	ELSIF v_owner = p_name AND p_user_org_id = p_org_id THEN
		v_draft.user_id := p_user_id;
	ELSE
		SELECT u.user_id INTO v_draft.user_id FROM streamspace_data.app_user AS u
		WHERE u.org_id = p_org_id AND u.name = v_owner AND u.active;
		IF NOT FOUND THEN
			refusal := streamspace_rules.refusal('user_not_found', jsonb_build_object('user', left(v_owner, 100)));
			RETURN;
		END IF;
	END IF;
	SELECT f.* INTO v_template FROM streamspace_rules.find_template(p_org_id, CASE WHEN p_reach = 'own' THEN p_user_id END, p_item ->> 'template') AS f;
	SELECT c.* INTO v_parameters FROM streamspace_rules.check_parameters(v_template.spec, p_item -> 'parameters') AS c;
	SELECT c.* INTO v_resources FROM streamspace_rules.choose_resources(v_template.spec, p_item -> 'resources') AS c;
	refusal := coalesce(v_template.refusal, v_parameters.refusal, v_resources.refusal,
		streamspace_rules.check_placement(p_item -> 'placement'),
		streamspace_rules.check_labels(p_item ->> 'name', ARRAY(SELECT jsonb_array_elements_text(p_item -> 'tags'))));
	IF refusal IS NOT NULL THEN
		RETURN;
	END IF;
	v_draft.template_id := v_template.template_id;
	v_draft.template_revision := v_template.revision;
	v_draft.parameters := v_parameters.parameters;
	v_draft.platform := v_template.platforms[1];
	v_draft.millicores := v_resources.millicores;
	v_draft.memory_mib := v_resources.memory_mib;
	v_draft.placement := streamspace_rules.session_placement(v_template.platforms, v_template.spec, p_item -> 'placement');
	v_draft.name := nullif(p_item ->> 'name', '');
	drafts := ARRAY[v_draft];
	refusal := coalesce(
		streamspace_rules.check_session_times(v_draft, (p_item ->> 'idle_seconds')::numeric::integer, (p_item ->> 'max_seconds')::numeric::integer, p_reach = 'own'));
END
$$;
COMMENT ON FUNCTION streamspace_rules.draft_session IS
	'The row that a request for a session comes to, checked but not yet counted, as an array of one, or the refusal. p_user_id, p_user_org_id, p_name, p_reach: the actor, as enter() gives him. p_item: {template, owner, parameters, resources, placement, name, tags, home, idle_seconds, max_seconds}';
