CREATE FUNCTION streamspace.create_agent_token(p_agent text, p_expires_at timestamptz DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('agent', left(p_agent, 200), 'expires_at', p_expires_at);
	v_me record;
	v_now timestamptz := streamspace_rules.now();
	v_expires timestamptz := coalesce(p_expires_at, v_now + interval '1 day');
	v_secret text := streamspace_rules.new_token();
	v_id text;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.create_agent_token(p_agent, p_expires_at, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN jsonb_set(v_answer, '{secret}', 'null');
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter_platform(p_actor, 'create_agent_token') AS e;
	v_answer := streamspace_rules.find_request(v_me.identity, 'create_agent_token', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(coalesce(
		CASE WHEN p_agent IS NULL OR p_agent !~ '^[A-Za-z0-9._-]{3,100}$'
			THEN streamspace_rules.invalid('/agent', '3 to 100 letters, digits, dots, underscores and hyphens are allowed') END,
		CASE WHEN v_expires <= v_now OR v_expires > v_now + interval '30 days'
			THEN streamspace_rules.invalid('/expires_at', 'a time in the future, at most 30 days ahead, is required') END));
	v_id := streamspace_rules.open_agent_token(p_agent, streamspace_rules.hash_token(v_secret), v_expires, v_me.identity);
	v_answer := jsonb_build_object('agent_token', streamspace_rules.agent_token_json(v_id), 'secret', v_secret);
	PERFORM streamspace_rules.finish_call(v_me.identity, NULL, 'create_agent_token', v_arguments, p_request_id, v_id, v_answer, 'secret');
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.create_agent_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.create_agent_token TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.create_agent_token IS
	'Makes the one-time token with which the agent p_agent enrols itself, approved beforehand: {agent_token, secret}; the secret (64 hexadecimal characters) is shown once and only its SHA-256 is kept. It registers that agent, once, with a key that the agent makes itself, and opens nothing else; of an agent that is known it replaces the key, and lifts a rejection. An earlier token of the agent ends. p_expires_at NULL means one day, 30 days are the most. For platform administrators. Errors: actor_required, unauthorized, forbidden, scope_required, invalid_argument, request_in_flight, request_mismatch, secret_already_shown';
