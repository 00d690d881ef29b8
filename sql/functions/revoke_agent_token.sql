CREATE FUNCTION streamspace.revoke_agent_token(p_token text, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('token', left(p_token, 200), 'if_revision', p_if_revision);
	v_me record;
	v_revision bigint;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.revoke_agent_token(p_token, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter_platform(p_actor, 'revoke_agent_token') AS e;
	v_answer := streamspace_rules.find_request(v_me.identity, 'revoke_agent_token', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	SELECT t.revision INTO v_revision FROM streamspace_data.agent_token AS t
	WHERE t.token_id = p_token AND t.used_at IS NULL AND t.revoked_at IS NULL FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM streamspace_rules.raise_refusal(streamspace_rules.refusal('agent_token_not_found', jsonb_build_object('token', left(p_token, 100))));
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_revision));
	UPDATE streamspace_data.agent_token AS t SET revoked_at = streamspace_rules.now(), revision = t.revision + 1 WHERE t.token_id = p_token;
	v_answer := streamspace_rules.agent_token_json(p_token);
	PERFORM streamspace_rules.finish_call(v_me.identity, NULL, 'revoke_agent_token', v_arguments, p_request_id, p_token, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.revoke_agent_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.revoke_agent_token TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.revoke_agent_token IS
	'Ends the token of enrolment with the id p_token, unused, and answers what it was. An agent that enrolled itself with it already is ended by reject_agent. For platform administrators. p_if_revision: only if this is its revision. Errors: actor_required, unauthorized, forbidden, scope_required, agent_token_not_found (also when it was used or revoked), revision_mismatch, request_in_flight, request_mismatch';
