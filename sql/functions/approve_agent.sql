CREATE FUNCTION streamspace.approve_agent(p_agent text, p_key_prefix text DEFAULT NULL,
	p_if_revision bigint DEFAULT NULL, p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('agent', left(p_agent, 200), 'key_prefix', left(p_key_prefix, 64),
		'if_revision', p_if_revision);
	v_me record;
	v_agent streamspace_data.agent;
	v_key text;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.approve_agent(p_agent, p_key_prefix, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN jsonb_set(v_answer, '{api_key}', 'null');
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter_platform(p_actor, 'approve_agent') AS e;
	v_answer := streamspace_rules.find_request(v_me.identity, 'approve_agent', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	SELECT a.* INTO v_agent FROM streamspace_data.agent AS a WHERE a.agent_id = p_agent FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('agent_not_found', jsonb_build_object('agent', left(p_agent, 100))));
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_agent.revision));
	IF v_agent.key_hash IS NOT NULL THEN
		IF p_key_prefix IS DISTINCT FROM left(encode(v_agent.key_hash, 'hex'), 8) THEN
			PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('key_mismatch', jsonb_build_object('agent', p_agent)));
		END IF;
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.set_agent_key(p_agent, v_agent.key_hash));
	ELSIF p_key_prefix IS NOT NULL THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('key_mismatch', jsonb_build_object('agent', p_agent)));
	ELSE
		v_key := streamspace_rules.new_token();
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.set_agent_key(p_agent, streamspace_rules.hash_token(v_key)));
	END IF;
	UPDATE streamspace_data.agent AS a SET approval = 'approved', rejection_reason = NULL,
		approved_at = streamspace_rules.now(), revision = a.revision + 1, updated_at = streamspace_rules.now()
	WHERE a.agent_id = p_agent;
	v_answer := jsonb_build_object('agent', streamspace_rules.agent_json(p_agent, true), 'api_key', v_key);
	PERFORM streamspace_rules.finish_call(v_me.identity, NULL, 'approve_agent', v_arguments, p_request_id, p_agent, v_answer, 'api_key');
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.approve_agent FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.approve_agent TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.approve_agent IS
	'Approves an agent: {agent, api_key}. An agent with a key of its own: p_key_prefix must be the first 8 hexadecimal digits of its hash, and api_key is null. An agent without one, for which p_key_prefix must be NULL, gets a key, shown once; approving again makes a new one. For platform administrators. p_if_revision: only if this is the revision of the agent. Errors: actor_required, unauthorized, forbidden, agent_not_found, revision_mismatch, key_mismatch, request_in_flight, request_mismatch, secret_already_shown';
