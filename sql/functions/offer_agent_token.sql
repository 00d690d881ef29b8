CREATE FUNCTION streamspace.offer_agent_token(p_agent text, p_token_hash bytea) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_identity text := 'login:' || session_user;
	v_expires timestamptz := streamspace_rules.now() + interval '1 day';
	v_token record;
	v_id text;
	v_approval text;
BEGIN
	PERFORM streamspace_rules.raise_refusal(coalesce(
		CASE WHEN p_agent IS NULL OR p_agent !~ '^[A-Za-z0-9._-]{3,100}$'
			THEN streamspace_rules.invalid('/agent', '3 to 100 letters, digits, dots, underscores and hyphens are allowed') END,
		streamspace_rules.check_hash('/token_hash', p_token_hash)));
	PERFORM pg_advisory_xact_lock(7403, hashtext(p_agent));
	-- What an administrator decided stands: no installer lifts a rejection, and none replaces a key.
	SELECT a.approval INTO v_approval FROM streamspace_data.agent AS a WHERE a.agent_id = p_agent;
	IF v_approval IN ('approved', 'rejected') THEN
		RETURN jsonb_build_object('offered', false, 'because', v_approval);
	END IF;
	SELECT t.token_id, t.agent_id, t.used_at IS NULL AND t.revoked_at IS NULL AS is_open INTO v_token
	FROM streamspace_data.agent_token AS t WHERE t.token_hash = p_token_hash FOR UPDATE;
	IF NOT FOUND THEN
		v_id := streamspace_rules.open_agent_token(p_agent, p_token_hash, v_expires, v_identity);
	ELSIF v_token.is_open AND v_token.agent_id = p_agent THEN
		v_id := v_token.token_id;
		UPDATE streamspace_data.agent_token AS t SET expires_at = v_expires, revision = t.revision + 1 WHERE t.token_id = v_id;
	ELSE
		RETURN jsonb_build_object('offered', false, 'because', 'used');
	END IF;
	PERFORM streamspace_rules.finish_call(v_identity, NULL, 'offer_agent_token', jsonb_build_object('agent', p_agent), NULL, v_id, NULL);
	RETURN jsonb_build_object('offered', true, 'agent_token', streamspace_rules.agent_token_json(v_id));
END
$$;
REVOKE ALL ON FUNCTION streamspace.offer_agent_token FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.offer_agent_token TO streamspace_api;
COMMENT ON FUNCTION streamspace.offer_agent_token IS
	'What an installer does for the agent that it brings along: a one-time token of enrolment for p_agent, of which p_token_hash is the SHA-256, open for a day from the last call on. {offered, agent_token}, or {offered false, because}: approved or rejected when an administrator or an earlier token decided about the agent already, used when that token was used, revoked or made for another agent. Never changes an agent that was decided about. Errors: invalid_argument. For streamspaced only';
