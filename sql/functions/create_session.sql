CREATE FUNCTION streamspace.create_session(p_template text, p_owner text DEFAULT NULL, p_org text DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('template', left(p_template, 200), 'owner', left(p_owner, 200), 'org', left(p_org, 200));
	v_me record;
	v_owner_id integer;
	v_template record;
	v_place record;
	v_event record;
	v_id text;
	v_now timestamptz := streamspace_rules.now();
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.create_session(p_template, p_owner, p_org, p_actor, p_request_id);
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
	v_answer := streamspace_rules.find_request(v_me.identity, 'create_session', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;

	IF p_template IS NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/template', 'is required'));
	END IF;
	IF p_owner IS NULL THEN
		IF v_me.user_id IS NULL OR v_me.user_org_id <> v_me.org_id THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('owner_required'));
		END IF;
		v_owner_id := v_me.user_id;
	ELSE
		SELECT u.user_id INTO v_owner_id FROM streamspace_data.app_user AS u
		WHERE u.org_id = v_me.org_id AND u.name = p_owner AND u.active;
		IF v_owner_id IS NULL THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('user_not_found',
				jsonb_build_object('user', left(p_owner, 100))));
		END IF;
	END IF;
	SELECT t.template_id, t.revision, r.platforms INTO v_template
	FROM streamspace_data.template AS t
	JOIN streamspace_data.template_revision AS r
		ON r.org_id = t.org_id AND r.template_id = t.template_id AND r.revision = t.revision
	WHERE t.org_id = v_me.org_id AND t.name = p_template;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('template_not_found',
			jsonb_build_object('template', left(p_template, 100))));
	END IF;

	PERFORM streamspace_rules.raise_refusal(streamspace_rules.take_quota(v_me.org_id, v_owner_id));
	SELECT p.* INTO v_place FROM streamspace_rules.place_session(v_template.platforms) AS p;

	v_id := streamspace_rules.new_id('s-');
	INSERT INTO streamspace_data.session (org_id, session_id, user_id, template_id, template_revision, platform,
		agent_id, holds_place, reason, deadline_at, on_deadline, created_at, updated_at, state_at)
	SELECT v_me.org_id, v_id, v_owner_id, v_template.template_id, v_template.revision,
		coalesce(v_place.platform, v_template.platforms[1]), v_place.agent_id, v_place.agent_id IS NOT NULL, v_place.reason,
		v_now + t.deadline, t.on_deadline, v_now, v_now, v_now
	FROM streamspace_data.session_transition AS t WHERE t.from_state = 'none' AND t.event = 'create';
	INSERT INTO streamspace_data.session_event (org_id, session_id, event, from_state, to_state, revision, reason, actor)
	VALUES (v_me.org_id, v_id, 'create', 'none', 'pending', 1, v_place.reason, v_me.identity);
	IF v_place.agent_id IS NOT NULL THEN
		SELECT e.* INTO v_event FROM streamspace_rules.apply_event(v_id, 'place', v_me.identity,
			p_details => jsonb_build_object('agent', v_place.agent_id)) AS e;
		PERFORM streamspace_rules.raise_refusal(v_event.refusal);
	END IF;

	v_answer := streamspace_rules.session_json(v_id);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_me.org_id, 'create_session', v_arguments, p_request_id, v_id, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.create_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.create_session TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.create_session IS
	'Creates a session of a template. p_owner: user name, default the actor; users may own only their own, a DBA must name one. p_org: default the actor''s, for a DBA default. Returns the session. Errors: actor_required, unauthorized, forbidden, org_not_found, user_not_found, template_not_found, owner_required, quota_exceeded, invalid_argument, request_in_flight, request_mismatch';
