CREATE FUNCTION streamspace.create_session(p_template text, p_owner text DEFAULT NULL, p_org text DEFAULT NULL,
	p_parameters jsonb DEFAULT NULL, p_resources jsonb DEFAULT NULL, p_placement jsonb DEFAULT NULL, p_name text DEFAULT NULL,
	p_tags text[] DEFAULT NULL, p_home text DEFAULT NULL, p_idle_seconds integer DEFAULT NULL, p_max_seconds integer DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_item jsonb := jsonb_strip_nulls(jsonb_build_object('template', p_template, 'owner', p_owner, 'org', p_org, 'parameters', p_parameters,
		'resources', p_resources, 'placement', p_placement, 'name', p_name, 'tags', p_tags, 'home', p_home,
		'idle_seconds', p_idle_seconds, 'max_seconds', p_max_seconds));
	v_arguments jsonb;
	v_me record;
	v_draft record;
	v_admitted record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.create_session(p_template, p_owner, p_org, p_parameters, p_resources, p_placement, p_name,
				p_tags, p_home, p_idle_seconds, p_max_seconds, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'create_session', p_org) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	IF v_me.reach = 'own' AND p_owner <> v_me.name THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden', jsonb_build_object('owner', left(p_owner, 100))));
	END IF;
	v_arguments := streamspace_rules.session_request(v_item);
	v_answer := streamspace_rules.find_request(v_me.identity, 'create_session', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	SELECT d.drafts, d.refusal INTO v_draft
	FROM streamspace_rules.draft_session(v_me.org_id, v_me.user_id, v_me.user_org_id, v_me.name, v_me.reach, v_item) AS d;
	PERFORM streamspace_rules.raise_refusal(v_draft.refusal);
	SELECT a.sessions, a.refusals INTO v_admitted
	FROM streamspace_rules.admit_sessions(v_draft.drafts, ARRAY[v_item || jsonb_build_object('own', v_me.reach = 'own')], ARRAY[v_me.identity]) AS a;
	PERFORM streamspace_rules.raise_refusal(v_admitted.refusals[1]);
	v_answer := streamspace_rules.session_json(v_admitted.sessions[1]);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'create_session', v_arguments, p_request_id, v_admitted.sessions[1], v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.create_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.create_session TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.create_session IS
	'Creates a session of the template p_template. p_owner: user name, default the actor; users may own only their own, a DBA must name one. p_org: default the actor''s, for a DBA default. p_parameters: values for the parameters of the template. p_resources {millicores, memory_mib}: within the bounds of the template, default what it says. p_placement {platform, region, labels, agent}: what the agent has to be. p_name, up to 200 characters, and p_tags, up to 32, are for people. p_home: the name of the home, empty for none, default that of the template. p_idle_seconds and p_max_seconds (60 to 31536000, 0 for never): when it stops by itself, not looser than its policies say. Without a free agent it waits as pending. Returns the session. Errors: actor_required, unauthorized, forbidden, scope_required, org_not_found, user_not_found, template_not_found, owner_required, quota_exceeded, invalid_argument, request_in_flight, request_mismatch';
