CREATE FUNCTION streamspace.reject_agent(p_agent text, p_reason text DEFAULT NULL,
	p_if_revision bigint DEFAULT NULL, p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('agent', left(p_agent, 200), 'reason', left(p_reason, 501), 'if_revision', p_if_revision);
	v_me record;
	v_revision bigint;
	v_now timestamptz := streamspace_rules.now();
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.reject_agent(p_agent, p_reason, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter_platform(p_actor, 'reject_agent') AS e;
	v_answer := streamspace_rules.find_request(v_me.identity, 'reject_agent', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	IF length(p_reason) > 500 THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.invalid('/reason', 'at most 500 characters are allowed'));
	END IF;
	SELECT a.revision INTO v_revision FROM streamspace_data.agent AS a WHERE a.agent_id = p_agent FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('agent_not_found', jsonb_build_object('agent', left(p_agent, 100))));
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_revision));
	-- The epoch rises, so that nothing that the agent still says counts.
	UPDATE streamspace_data.agent AS a SET approval = 'rejected', rejection_reason = p_reason, state = 'offline',
		last_epoch = a.last_epoch + 1, revision = a.revision + 1, updated_at = v_now
	WHERE a.agent_id = p_agent;
	UPDATE streamspace_data.agent_connection AS c SET disconnected_at = v_now, disconnect_reason = 'rejected'
	WHERE c.agent_id = p_agent AND c.disconnected_at IS NULL;
	PERFORM streamspace_rules.end_agent_tokens(p_agent);
	PERFORM streamspace_rules.ring(p_agent);
	v_answer := jsonb_build_object('agent', streamspace_rules.agent_json(p_agent, true));
	PERFORM streamspace_rules.finish_call(v_me.identity, NULL, 'reject_agent', v_arguments, p_request_id, p_agent, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.reject_agent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.reject_agent TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.reject_agent IS
	'Rejects an agent, also one that was approved: its connection ends, nothing that it says counts, and a token that would enrol it ends. p_reason at most 500 characters. For platform administrators. p_if_revision: only if this is the revision of the agent. Errors: actor_required, unauthorized, forbidden, agent_not_found, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
