CREATE FUNCTION streamspace.set_agent(p_agent text, p_labels jsonb DEFAULT NULL, p_orgs text[] DEFAULT NULL, p_draining boolean DEFAULT NULL,
	p_max_sessions integer DEFAULT NULL, p_max_millicores integer DEFAULT NULL, p_max_memory_mib integer DEFAULT NULL,
	p_if_revision bigint DEFAULT NULL, p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('agent', left(p_agent, 200), 'labels', left(p_labels::text, 8000), 'orgs', left(p_orgs::text, 8000),
		'draining', p_draining, 'max_sessions', p_max_sessions, 'max_millicores', p_max_millicores, 'max_memory_mib', p_max_memory_mib,
		'if_revision', p_if_revision);
	v_me record;
	v_revision bigint;
	v_missing text;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.set_agent(p_agent, p_labels, p_orgs, p_draining, p_max_sessions, p_max_millicores, p_max_memory_mib,
				p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter_platform(p_actor, 'set_agent') AS e;
	v_answer := streamspace_rules.find_request(v_me.identity, 'set_agent', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	SELECT a.revision INTO v_revision FROM streamspace_data.agent AS a WHERE a.agent_id = p_agent FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('agent_not_found', jsonb_build_object('agent', left(p_agent, 100))));
	END IF;
	SELECT n.name INTO v_missing FROM unnest(p_orgs) AS n (name)
	WHERE NOT EXISTS (SELECT FROM streamspace_data.org AS o WHERE o.name = n.name) ORDER BY n.name NULLS FIRST LIMIT 1;
	IF FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('org_not_found', jsonb_build_object('org', left(v_missing, 100))));
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		streamspace_rules.check_revision(p_if_revision, v_revision),
		streamspace_rules.check_agent_labels('/labels', p_labels),
		CASE WHEN cardinality(p_orgs) > 1000 THEN streamspace_rules.invalid('/orgs', 'at most 1000 are allowed') END,
		CASE WHEN p_max_sessions IS NOT NULL THEN streamspace_rules.check_range('/max_sessions', p_max_sessions, -1, 1000000) END,
		CASE WHEN p_max_millicores IS NOT NULL THEN streamspace_rules.check_range('/max_millicores', p_max_millicores, -1, 1000000000) END,
		CASE WHEN p_max_memory_mib IS NOT NULL THEN streamspace_rules.check_range('/max_memory_mib', p_max_memory_mib, -1, 1000000000) END));
	IF p_orgs IS NOT NULL THEN
		DELETE FROM streamspace_data.agent_org AS o WHERE o.agent_id = p_agent;
		INSERT INTO streamspace_data.agent_org (agent_id, org_id)
		SELECT p_agent, o.org_id FROM streamspace_data.org AS o WHERE o.name = ANY (p_orgs);
	END IF;
	UPDATE streamspace_data.agent AS a SET
		labels = coalesce(p_labels, a.labels),
		draining = coalesce(p_draining, a.draining),
		limit_sessions = CASE WHEN p_max_sessions IS NULL THEN a.limit_sessions ELSE nullif(p_max_sessions, -1) END,
		limit_millicores = CASE WHEN p_max_millicores IS NULL THEN a.limit_millicores ELSE nullif(p_max_millicores, -1) END,
		limit_memory_mib = CASE WHEN p_max_memory_mib IS NULL THEN a.limit_memory_mib ELSE nullif(p_max_memory_mib, -1) END,
		revision = a.revision + 1,
		updated_at = streamspace_rules.now()
	WHERE a.agent_id = p_agent;
	PERFORM streamspace_rules.place_pending(200);
	PERFORM streamspace_rules.explain_pending(200);
	v_answer := streamspace_rules.agent_json(p_agent, true);
	PERFORM streamspace_rules.finish_call(v_me.identity, NULL, 'set_agent', v_arguments, p_request_id, p_agent, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.set_agent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.set_agent TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.set_agent IS
	'Says which sessions the agent p_agent may get; NULL keeps what is there. p_labels: an object of strings that placement can ask for. p_orgs: names of the organisations that it serves, none for all. p_draining: it gets no new sessions, and keeps those that it has. p_max_sessions (0 to 1000000), p_max_millicores and p_max_memory_mib (0 to 1000000000) bound what its sessions may have in sum, -1 for no bound; more sessions than it says itself it never gets. For platform administrators. Returns the agent. Errors: actor_required, unauthorized, forbidden, agent_not_found, org_not_found, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
