CREATE FUNCTION streamspace.explain_placement(p_session text DEFAULT NULL, p_template text DEFAULT NULL, p_owner text DEFAULT NULL, p_org text DEFAULT NULL,
	p_resources jsonb DEFAULT NULL, p_placement jsonb DEFAULT NULL, p_actor bytea DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET streamspace.org = ''
AS $$
DECLARE
	v_me record;
	v_draft record;
	v_session streamspace_data.session;
	v_answer jsonb;
BEGIN
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'explain_placement', p_org, p_session) AS e;
	PERFORM streamspace_rules.set_org(v_me.org_id);
	IF p_session IS NOT NULL THEN
		PERFORM streamspace_rules.raise_refusal(coalesce(
			CASE WHEN num_nonnulls(p_template, p_owner, p_resources, p_placement) > 0
				THEN streamspace_rules.invalid('/session', 'stands alone: it says all the rest') END,
			streamspace_rules.check_session_access(v_me.reach, v_me.user_id, p_session)));
		SELECT s.* INTO STRICT v_session FROM streamspace_data.session AS s WHERE s.session_id = p_session;
	ELSE
		IF v_me.reach = 'own' AND p_owner <> v_me.name THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('forbidden', jsonb_build_object('owner', left(p_owner, 100))));
		END IF;
		SELECT d.drafts, d.refusal INTO v_draft FROM streamspace_rules.draft_session(v_me.org_id, v_me.user_id, v_me.user_org_id, v_me.name, v_me.reach,
			jsonb_strip_nulls(jsonb_build_object('template', p_template, 'owner', p_owner, 'resources', p_resources, 'placement', p_placement))) AS d;
		PERFORM streamspace_rules.raise_refusal(v_draft.refusal);
		v_session := v_draft.drafts[1];
	END IF;
	v_answer := streamspace_rules.explain_agents(v_me.org_id, v_session.placement, streamspace_rules.home_agent(v_me.org_id, v_session.home_id),
		v_session.millicores, v_session.memory_mib, v_session.created_at, v_session.session_id, v_me.reach = 'all');
	IF v_session.holds_place THEN
		v_answer := v_answer || jsonb_build_object('chosen', v_session.agent_id);
	END IF;
	RETURN v_answer || jsonb_build_object('session', p_session);
END
$$;
REVOKE ALL ON FUNCTION streamspace.explain_placement FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.explain_placement TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.explain_placement IS
	'Why a session runs where it runs, or waits: {agents: [{agent, verdict (fits, refused), constraint, detail}], chosen, session}. For p_session, or for one that p_template, p_owner, p_resources and p_placement ({platform, region, labels, agent}) would make. constraint is the first that fails: approval, platform, agent, home, region, labels, org (the agent serves others), size (more than it has in all), offline, draining, sessions, millicores, memory_mib (no room now), others_wait. detail: for administrators of the platform. chosen: where it is, or where there is most room now. Errors: actor_required, unauthorized, forbidden, org_not_found, session_not_found, template_not_found, user_not_found, owner_required, invalid_argument';
