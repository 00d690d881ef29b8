CREATE FUNCTION streamspace.set_cleanup_key(p_agent text, p_key_hash bytea, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('agent', left(p_agent, 101), 'key_hash', encode(sha256(coalesce(p_key_hash, '')), 'hex'), 'if_revision', p_if_revision);
	v_me record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.set_cleanup_key(p_agent, p_key_hash, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter_platform(p_actor, 'set_cleanup_key') AS e;
	v_answer := streamspace_rules.find_request(v_me.identity, 'set_cleanup_key', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	SELECT jsonb_build_object('agent', p_agent, 'changed', w.changed, 'revision', w.revision) INTO v_answer
	FROM streamspace_rules.write_cleanup_key(p_agent, p_key_hash, p_if_revision) AS w;
	PERFORM streamspace_rules.finish_call(v_me.identity, NULL, 'set_cleanup_key', v_arguments, p_request_id, p_agent, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.set_cleanup_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.set_cleanup_key TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.set_cleanup_key IS
	'Sets the key with which `streamspace-agent cleanup` reads what may stand in the cluster of the agent p_agent (collect_agent_objects), and which opens nothing else: {agent, changed, revision}. p_key_hash: SHA-256 of the key''s text of 64 hexadecimal digits. An earlier key ends. p_if_revision: only if this is the revision of the key that there is. The agent need not have registered yet. For platform administrators. Errors: actor_required, unauthorized, forbidden, scope_required, revision_mismatch, invalid_argument, key_in_use, request_in_flight, request_mismatch';
