CREATE FUNCTION streamspace.set_bootstrap_key(p_key_hash bytea, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('key_hash', encode(sha256(coalesce(p_key_hash, '')), 'hex'), 'if_revision', p_if_revision);
	v_me record;
	v_revision bigint;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.set_bootstrap_key(p_key_hash, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter_platform(p_actor, 'set_bootstrap_key') AS e;
	v_answer := streamspace_rules.find_request(v_me.identity, 'set_bootstrap_key', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_hash('/key_hash', p_key_hash));
	SELECT i.revision INTO STRICT v_revision FROM streamspace_data.installation AS i FOR NO KEY UPDATE;
	PERFORM streamspace_rules.raise_refusal(streamspace_rules.check_revision(p_if_revision, v_revision));
	PERFORM streamspace_rules.replace_bootstrap_key(p_key_hash);
	UPDATE streamspace_data.installation AS i SET revision = i.revision + 1;
	v_answer := jsonb_build_object('bootstrap_key', true);
	PERFORM streamspace_rules.finish_call(v_me.identity, NULL, 'set_bootstrap_key', v_arguments, p_request_id, NULL, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.set_bootstrap_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.set_bootstrap_key TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.set_bootstrap_key IS
	'Replaces the key under which agents register. p_key_hash: SHA-256 of the key. For platform administrators. p_if_revision: only if this is the revision of the settings (get_settings). Errors: actor_required, unauthorized, forbidden, revision_mismatch, invalid_argument, key_in_use, request_in_flight, request_mismatch';
