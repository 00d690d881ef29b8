CREATE FUNCTION streamspace.revoke_login(p_login text, p_if_revision bigint DEFAULT NULL,
	p_actor bytea DEFAULT NULL, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v_arguments jsonb := jsonb_build_object('login', left(p_login, 200), 'if_revision', p_if_revision);
	v_me record;
	v_found record;
	v_answer jsonb;
BEGIN
	IF p_dry_run THEN
		BEGIN
			v_answer := streamspace.revoke_login(p_login, p_if_revision, p_actor, p_request_id);
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'SSDRY';
		EXCEPTION WHEN SQLSTATE 'SSDRY' THEN
			RETURN v_answer;
		END;
	END IF;
	SELECT e.* INTO v_me FROM streamspace_rules.enter(p_actor, 'revoke_login') AS e;
	v_answer := streamspace_rules.find_request(v_me.identity, 'revoke_login', p_request_id, v_arguments);
	IF v_answer IS NOT NULL THEN
		RETURN v_answer;
	END IF;
	SELECT f.* INTO v_found FROM streamspace_rules.find_credential('login', p_login, v_me.reach, v_me.org_id, v_me.user_id) AS f;
	PERFORM streamspace_rules.raise_refusal(coalesce(v_found.refusal,
		CASE WHEN v_found.user_id IS DISTINCT FROM v_me.user_id THEN streamspace_rules.check_authority(v_me.role, v_found.role) END,
		streamspace_rules.check_revision(p_if_revision, v_found.revision)));
	UPDATE streamspace_data.credential AS c SET revoked_at = streamspace_rules.now(), revision = c.revision + 1
	WHERE c.token_hash = v_found.token_hash;
	v_answer := streamspace_rules.credential_json(v_found.token_hash, p_actor);
	PERFORM streamspace_rules.finish_call(v_me.identity, v_found.org_id, 'revoke_login', v_arguments, p_request_id, p_login, v_answer);
	RETURN v_answer;
END
$$;
REVOKE ALL ON FUNCTION streamspace.revoke_login FROM PUBLIC;
GRANT EXECUTE ON FUNCTION streamspace.revoke_login TO streamspace_api, streamspace_dba;
COMMENT ON FUNCTION streamspace.revoke_login IS
	'Ends the log-in with the id p_login and answers what it was; it opens nothing from the next call on, on every server. Users end their own, administrators those of the organisation; those of a platform administrator are ended by platform administrators only. p_if_revision: only if this is its revision. Errors: actor_required, unauthorized, forbidden, scope_required, login_not_found, revision_mismatch, invalid_argument, request_in_flight, request_mismatch';
