CREATE FUNCTION streamspace.put_template(p_name text, p_spec jsonb, p_org text DEFAULT NULL, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_spec jsonb := p_spec;
	v_name text := p_name;
	v_arguments jsonb;
	v_me record;
	v_template record;
	v_now timestamptz := streamspace_rules.now();
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.put_template(p_name, p_spec, p_org, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'put_template', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	-- The values of env may be secrets: only a hash of the content is kept outside template_revision.
	v_arguments := jsonb_build_object('name', left(p_name, 200), 'org', left(p_org, 200),
		'if_revision', p_if_revision,
		'spec_sha256', encode(sha256(convert_to(coalesce(p_spec::text, ''), 'UTF8')), 'hex'));
	v_answer := streamspace_rules.find_request(v_me.identity, 'put_template', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;

	IF jsonb_typeof(p_spec) = 'object' AND p_spec ? 'kind' THEN
		PERFORM streamspace_rules.raise_refusal(coalesce(
			streamspace_rules.check_keys('', p_spec, ARRAY['apiVersion', 'kind', 'metadata', 'spec', 'status']),
			CASE WHEN p_spec ->> 'kind' <> 'Template' THEN streamspace_rules.invalid('/kind', 'Template is required') END,
			CASE WHEN p_spec ->> 'apiVersion' IS DISTINCT FROM 'stream.space/v1alpha1'
				THEN streamspace_rules.invalid('/apiVersion', 'stream.space/v1alpha1 is required') END,
			CASE WHEN jsonb_typeof(p_spec -> 'metadata') IS DISTINCT FROM 'object'
				THEN streamspace_rules.invalid('/metadata', 'an object is required') END,
			CASE WHEN p_name IS NOT NULL AND p_spec #>> '{metadata,name}' <> p_name
				THEN streamspace_rules.invalid('/metadata/name', 'is not the name of the call') END));
		v_name := coalesce(p_name, p_spec #>> '{metadata,name}');
		v_spec := p_spec -> 'spec';
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		streamspace_rules.check_name('/name', v_name),
		streamspace_rules.check_template_spec(v_spec)));

	INSERT INTO streamspace_data.template (org_id, name, revision, created_at, updated_at)
	VALUES (v_me.org_id, v_name, 1, v_now, v_now)
	ON CONFLICT ON CONSTRAINT template_name_is_unique_in_its_org DO NOTHING;
	SELECT t.template_id, CASE WHEN t.deleted_at IS NULL AND EXISTS (SELECT FROM streamspace_data.template_revision AS r
			WHERE r.org_id = t.org_id AND r.template_id = t.template_id) THEN t.revision END AS revision,
		EXISTS (SELECT FROM streamspace_data.template_copy AS c WHERE c.org_id = t.org_id AND c.template_id = t.template_id) AS managed
	INTO STRICT v_template
	FROM streamspace_data.template AS t WHERE t.org_id = v_me.org_id AND t.name = v_name FOR NO KEY UPDATE;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		streamspace_rules.check_revision(p_if_revision, v_template.revision),
		CASE WHEN v_template.managed THEN streamspace_rules.refusal('template_managed', jsonb_build_object('template', v_name)) END));
	PERFORM streamspace_rules.write_revision(v_me.org_id, v_template.template_id, v_spec, v_me.identity);
	PERFORM streamspace_rules.copy_template(v_me.org_id, v_template.template_id, v_me.identity);

	v_answer := streamspace_rules.template_json(v_me.org_id, v_name);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'put_template', v_arguments, p_request_id, v_name, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.put_template FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.put_template TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.put_template IS
	'Makes a template or gives it a new revision; the same content keeps its revision. p_spec: the spec, or a whole document of kind Template (p_name NULL takes its name). Sessions keep the revision that they were made from; copies in other organisations (publish_template) follow. p_spec may declare parameters [{name, type string|integer|boolean|enum, label, description, default, required, min, max, minLength, maxLength, pattern, values, env}], resources {cpu, memory: {default, min, max}}, placement {region, labels}, idleTimeout, maxSessionDuration and retry {attempts, backoffSeconds, maxBackoffSeconds}. For administrators. Errors: actor_required, unauthorized, forbidden, org_not_found, invalid_argument (pointer), template_managed (a copy), revision_mismatch, request_in_flight, request_mismatch';
